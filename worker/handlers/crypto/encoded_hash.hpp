// The text that argon2id leaves of a password: what it costs to check, read before it is checked.
//
// Thread rule: free functions over values.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/model/result.hpp"

namespace penstock::worker::crypto {

struct HashCost {
    std::uint64_t memory_kib = 0;
    std::uint64_t ops = 0;
};

// Reads "$argon2id$v=19$m=65536,t=3,p=1$SALT$HASH". Errors: rejected, for another form, or a cost
// over the limits: whoever may send a hash could otherwise ask for any amount of time and memory.
[[nodiscard]] Result<HashCost> read_cost(std::string_view hash);

}  // namespace penstock::worker::crypto
