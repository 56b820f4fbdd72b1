// libsodium made ready, and its views of bytes and hexadecimal digits.
//
// Thread rule: any thread; free functions over values.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock::worker::crypto {

// Every handler calls it first; only the first call in a process does anything. Errors: failed (the
// system gives no random numbers).
[[nodiscard]] Result<void> start_library();

// The bytes as libsodium takes them. Valid as long as `bytes`.
[[nodiscard]] const unsigned char* data_of(ByteView bytes);

// Two lower-case digits for each byte.
[[nodiscard]] std::string hex_of(std::span<const unsigned char> bytes);

// Fills `bytes` from exactly two digits for each. False for anything else; what is in `bytes` then
// means nothing. Takes the same time whatever the digits are.
[[nodiscard]] bool read_hex(std::string_view digits, std::span<unsigned char> bytes);

}  // namespace penstock::worker::crypto
