#include "worker/handlers/image/webp_metadata.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::worker::image {
namespace {

constexpr std::size_t riff_header_bytes = 12;  // "RIFF", length, "WEBP"
constexpr std::size_t chunk_header_bytes = 8;  // name, length
constexpr std::size_t length_offset = 4;       // in either header

// What the flags of a VP8X chunk promise to follow: a profile, EXIF, XMP.
constexpr unsigned char metadata_flags = 0x20 | 0x08 | 0x04;

std::size_t little_endian(std::string_view four_bytes) {
    std::size_t number = 0;
    for (std::size_t i = 4; i-- > 0;) {
        number = number << 8U | static_cast<unsigned char>(four_bytes[i]);
    }
    return number;
}

void write_riff_length(std::string& file) {
    const std::size_t length = file.size() - chunk_header_bytes;
    for (std::size_t i = 0; i < 4; ++i) {
        file[length_offset + i] = static_cast<char>(length >> 8 * i & 0xffU);
    }
}

bool is_metadata(std::string_view chunk) {
    return chunk.starts_with("EXIF") || chunk.starts_with("XMP ") || chunk.starts_with("ICCP");
}

// The chunk at the front of `rest`, padding included; all of it if it is cut short.
std::string_view first_chunk(std::string_view rest) {
    if (rest.size() < chunk_header_bytes) {
        return rest;
    }
    const std::size_t length = little_endian(rest.substr(length_offset, 4));
    return rest.substr(0, chunk_header_bytes + length + length % 2);
}

}  // namespace

SharedBytes without_webp_metadata(const SharedBytes& webp) {
    const std::string_view file = as_text(webp.view());
    if (file.size() < riff_header_bytes) {
        return webp;
    }
    auto stripped = std::make_shared<std::string>(file.substr(0, riff_header_bytes));
    stripped->reserve(file.size());
    for (std::string_view rest = file.substr(riff_header_bytes); !rest.empty();) {
        const std::string_view chunk = first_chunk(rest);
        rest.remove_prefix(chunk.size());
        if (is_metadata(chunk)) {
            continue;
        }
        const std::size_t start = stripped->size();
        stripped->append(chunk);
        if (chunk.starts_with("VP8X") && chunk.size() > chunk_header_bytes) {
            char& flags = (*stripped)[start + chunk_header_bytes];
            flags = static_cast<char>(static_cast<unsigned char>(flags) & ~metadata_flags);
        }
    }
    if (stripped->size() == file.size()) {
        return webp;
    }
    write_riff_length(*stripped);
    const ByteView view = as_byte_view(*stripped);
    return {std::move(stripped), view};
}

}  // namespace penstock::worker::image
