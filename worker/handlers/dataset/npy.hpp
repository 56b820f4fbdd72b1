// The .npy file of numpy, format version 1.0: a header that is text, then the numbers.
//
// Thread rule: a free function over values.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace penstock::worker::dataset {

// What stands in front of an array of little-endian float32, the last index fastest. A multiple of
// 64 bytes, so that the numbers can be mapped into memory.
[[nodiscard]] std::string npy_header_float32(std::span<const std::size_t> shape);

}  // namespace penstock::worker::dataset
