// Many numbers in double precision: from arguments, and from and to raw bytes.
//
// Thread rule: free functions over values.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "common/protocol/value.hpp"

namespace penstock::worker::math {

// Numbers in one payload: a body of 32 MiB, the largest that the protocol carries by default.
inline constexpr std::size_t float64_count_max = std::size_t{4} << 20U;

// The numbers of an array; whole ones beyond 2^53 are rounded. What is not a finite number is
// ErrorCode::rejected, and its element named.
[[nodiscard]] Result<std::vector<double>> float64_from(const Value& array);
// The same of a payload: 8 bytes each, little-endian. Rejected, too, if it has a broken number of
// bytes or more numbers than the limit.
[[nodiscard]] Result<std::vector<double>> float64_from(ByteView payload);
// The payload of these numbers.
[[nodiscard]] SharedBytes float64_payload(std::span<const double> numbers);

}  // namespace penstock::worker::math
