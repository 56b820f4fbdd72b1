// Buffers that a producer and a task change in place, without a message carrying the data.
//
//     Result<shm::SharedBuffer> buffer = shm::SharedBuffer::create(4 * numbers.size());
//     std::memcpy(buffer->bytes().data(), …);
//     client.run({.type = "math.add_in_place"},
//                client::make_task({{"buffer", client::reference_to(*buffer)}, {"add", 5}})).get();
//     // the numbers are 5 larger
//
// The worker must be on this host and of this user; a broker between them may be anywhere. A task
// whose process dies runs again, and makes its change again, also half of it.
//
// Thread rule: a free function.
#pragma once

#include "common/protocol/value.hpp"
#include "common/shm/shared_buffer.hpp"

namespace penstock::client {

// How a task's arguments name the buffer. Valid as long as the buffer lives.
[[nodiscard]] Value reference_to(const shm::SharedBuffer& buffer);

}  // namespace penstock::client
