#include "worker/handlers/image/webp_metadata.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::worker::image {
namespace {

using namespace std::string_literals;

std::string riff(const std::string& chunks) {
    return "RIFF"s + static_cast<char>(chunks.size() + 4) + "\0\0\0WEBP"s + chunks;
}
std::string vp8x(char flags) {
    return "VP8X\x0a\0\0\0"s + flags + "\0\0\0ssssss"s;
}

const std::string pixels = "VP8 \4\0\0\0abcd"s;
const std::string exif = "EXIF\3\0\0\0xyz\0"s;  // an odd length is padded
const std::string xmp = "XMP \2\0\0\0xy"s;
const std::string profile = "ICCP\2\0\0\0xy"s;

std::string stripped(const std::string& file) {
    return std::string(as_text(without_webp_metadata(SharedBytes::copy_of(file)).view()));
}

TEST_CASE("EXIF, XMP and profile go, and no flag promises them any more") {
    CHECK(stripped(riff(vp8x('\x3c') + profile + pixels + exif + xmp)) ==
          riff(vp8x('\x10') + pixels));
}

TEST_CASE("a WebP file without metadata stays as it is") {
    CHECK(stripped(riff(pixels)) == riff(pixels));
    CHECK(stripped(riff(vp8x('\x10') + pixels)) == riff(vp8x('\x10') + pixels));
}

TEST_CASE("a chunk that is cut short is kept to its end") {
    const std::string file = riff(vp8x('\x18') + pixels + exif);
    for (std::size_t size = 0; size < file.size(); ++size) {
        CHECK(stripped(file.substr(0, size)).size() <= size);
    }
    const std::string half = riff("VP8 \x40\0\0\0abcd"s);
    CHECK(stripped(half) == half);
}

}  // namespace
}  // namespace penstock::worker::image
