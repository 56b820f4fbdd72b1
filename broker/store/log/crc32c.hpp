// CRC-32C (Castagnoli), RFC 3720 appendix B.4. The door to Intel's ISA-L, which has it for every
// processor at the speed of memory.
//
// Thread rule: any thread.
#pragma once

#include <cstdint>

#include "common/model/bytes.hpp"

namespace penstock::broker {

// Of `bytes` after those that gave `before`: crc32c(b, crc32c(a)) is that of a and b in a row.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t before = 0);

}  // namespace penstock::broker
