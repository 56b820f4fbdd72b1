// Payloads of float64 for tests, written and read byte by byte.
//
// Thread rule: free functions over values.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"

namespace penstock::worker {

inline std::string float64_bytes(const std::vector<double>& numbers) {
    std::string bytes;
    for (const double number : numbers) {
        const auto bits = std::bit_cast<std::uint64_t>(number);
        for (unsigned shift = 0; shift < 64; shift += 8) {
            bytes += static_cast<char>((bits >> shift) & 0xffU);
        }
    }
    return bytes;
}

inline std::vector<double> float64_numbers(ByteView bytes) {
    std::vector<double> numbers;
    for (std::size_t start = 0; start < bytes.size(); start += 8) {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < 8; ++i) {
            bits |= std::to_integer<std::uint64_t>(bytes[start + i]) << (8 * i);
        }
        numbers.push_back(std::bit_cast<double>(bits));
    }
    return numbers;
}

}  // namespace penstock::worker
