// What one call may cost.
#pragma once

#include <cstddef>
#include <cstdint>

#include "worker/sdk/arguments.hpp"

namespace penstock::worker::crypto {

// Bytes of a message. The largest body that the protocol carries by default.
inline constexpr std::size_t message_bytes_max = std::size_t{32} << 20U;

// Bytes that encryption adds: the nonce in front, the tag behind.
inline constexpr std::size_t nonce_bytes = 24;
inline constexpr std::size_t tag_bytes = 16;
inline constexpr std::size_t sealed_extra_bytes = nonce_bytes + tag_bytes;

// Bytes of a message to encrypt: what comes out must travel as one body, too.
inline constexpr std::size_t plain_bytes_max = message_bytes_max - sealed_extra_bytes;

// Bytes of the additional data, which is a name or a number and travels in the arguments.
inline constexpr IntegerRange aad_bytes{0, 65'536};

// Bytes of a password. An empty one is a variable that somebody forgot to set; nobody types more.
inline constexpr IntegerRange password_bytes{1, 1024};

// Passes over the memory, and that memory in MiB. Together about ten seconds at most, for a call
// cannot be interrupted; the lower end of the memory is the least that slows an attacker down.
inline constexpr IntegerRange ops_range{1, 10};
inline constexpr IntegerRange memory_mib_range{8, 1024};

// The second recommended choice of RFC 9106, section 4, which fits beside other processes.
inline constexpr std::int64_t ops_default = 3;
inline constexpr std::int64_t memory_mib_default = 64;

// Bytes between two looks at whether the task is cancelled: less than 10 ms of hashing.
inline constexpr std::size_t bytes_per_look = std::size_t{1} << 20U;

}  // namespace penstock::worker::crypto
