#include "broker/store/log/crc32c.hpp"

#include <algorithm>
#include <isa-l/crc.h>

namespace penstock::broker {

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
    constexpr std::size_t call_max = std::size_t{1} << 30U;  // its lengths are of type int
    std::uint32_t crc = ~before;
    while (!bytes.empty()) {
        const ByteView piece = bytes.first(std::min(bytes.size(), call_max));
        // It only reads; its interface is older than const.
        auto* begin = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(piece.data()));
        crc = crc32_iscsi(begin, static_cast<int>(piece.size()), crc);
        bytes = bytes.subspan(piece.size());
    }
    return ~crc;
}

}  // namespace penstock::broker
