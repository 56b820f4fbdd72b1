// Integers in the journal's byte order, at any address.
//
// Thread rule: pure functions.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace penstock::broker {

static_assert(std::endian::native == std::endian::little, "swap bytes here for other machines");

template <std::unsigned_integral Number>
void put_little_endian(std::byte* to, Number value) {
    std::memcpy(to, &value, sizeof value);
}

template <std::unsigned_integral Number>
[[nodiscard]] Number little_endian(const std::byte* from) {
    Number value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
}

}  // namespace penstock::broker
