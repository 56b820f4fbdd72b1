#include "worker/handlers/image/jpeg_scans.hpp"

#include <cstddef>
#include <string_view>

namespace penstock::worker::image {
namespace {

constexpr unsigned char start_of_scan = 0xda;
constexpr unsigned char end_of_image = 0xd9;

// Markers without a segment behind them: an escaped 0xff in the compressed data, a fill byte, TEM,
// the restart markers and the start of the image.
bool stands_alone(unsigned char marker) {
    return marker == 0x00 || marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

}  // namespace

int count_jpeg_scans(ByteView jpeg) {
    const std::string_view bytes = as_text(jpeg);
    int scans = 0;
    std::size_t offset = 0;
    // Compressed data holds no 0xff that is not escaped, so the next 0xff is the next marker.
    while ((offset = bytes.find('\xff', offset)) != std::string_view::npos) {
        if (bytes.size() - offset < 4) {
            break;
        }
        const auto marker = static_cast<unsigned char>(bytes[offset + 1]);
        if (marker == end_of_image) {
            break;
        }
        if (stands_alone(marker)) {
            // A fill byte may itself be the first byte of the marker.
            offset += marker == 0xff ? 1 : 2;
            continue;
        }
        scans += marker == start_of_scan ? 1 : 0;
        const auto high = static_cast<unsigned char>(bytes[offset + 2]);
        const auto low = static_cast<unsigned char>(bytes[offset + 3]);
        offset += 2 + (static_cast<std::size_t>(high) << 8U | low);
    }
    return scans;
}

}  // namespace penstock::worker::image
