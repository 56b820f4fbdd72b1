// What a PayloadBuffer is made of. Private to this folder.
//
// Thread rule: a value.
#pragma once

#include <memory>
#include <optional>

#include "common/shm/ring.hpp"
#include "producer/client/payload_buffer.hpp"

namespace penstock::client {

// One of the two.
struct PayloadBuffer::Memory {
    std::optional<shm::Slot> slot;
    std::shared_ptr<std::byte[]> own;
    std::size_t own_bytes = 0;
};

// In the ring if there is one, the payload is worth it and there is room.
[[nodiscard]] PayloadBuffer make_payload_buffer(shm::Ring* ring, std::size_t bytes);

}  // namespace penstock::client
