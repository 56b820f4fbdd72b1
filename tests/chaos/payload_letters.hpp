// What the payload of task number N consists of, so that bytes of another one show.
//
// Thread rule: free functions.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/model/bytes.hpp"

namespace penstock::chaos {

inline char letter_of(std::uint64_t number) {
    constexpr std::uint64_t letters = 26;
    return static_cast<char>('a' + number % letters);
}

inline std::uint64_t wrong_bytes(ByteView payload, std::uint64_t number) {
    const auto right = std::ranges::count(as_text(payload), letter_of(number));
    return payload.size() - static_cast<std::uint64_t>(right);
}

}  // namespace penstock::chaos
