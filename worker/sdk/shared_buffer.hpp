// A buffer that the producer has mapped and a handler changes in place: the argument
//
//     {"segment": "penstock-…", "slot": 0, "generation": 1, "bytes": 4000}
//
// which a producer's client::reference_to() makes. Both must be on one host and of one user.
//
// Thread rule: a value on the stack of one handler. A task whose process dies runs again, and
// changes it again: make the change one that stands being done twice, and let one task at a time
// change it.
#pragma once

#include <string_view>

#include "common/model/result.hpp"
#include "common/shm/shared_buffer.hpp"
#include "worker/sdk/arguments.hpp"

namespace penstock::worker {

// The argument `field`. Call it before check(), as the other readers; a mistake in the field is
// kept for that. Errors: rejected (it is not on this host, not this user's, or gone).
[[nodiscard]] Result<shm::MappedBuffer> open_shared_buffer(Arguments& arguments,
                                                           std::string_view field);

}  // namespace penstock::worker
