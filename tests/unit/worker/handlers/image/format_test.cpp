#include "worker/handlers/image/format.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::worker::image {
namespace {

using namespace std::string_literals;

std::string refusal(const std::string& file) {
    const Result<Format> format = sniff(as_byte_view(file));
    REQUIRE_FALSE(format.has_value());
    CHECK(format.error().code == ErrorCode::rejected);
    return format.error().message;
}

TEST_CASE("formats are told by their first bytes") {
    CHECK(sniff(as_byte_view("\xff\xd8\xff\xe0"s)) == Format::jpeg);
    CHECK(sniff(as_byte_view("\x89PNG\r\n\x1a\n...."s)) == Format::png);
    CHECK(sniff(as_byte_view("RIFF\x10\0\0\0WEBPVP8 "s)) == Format::webp);
}

TEST_CASE("text in an image's place is refused with its beginning") {
    CHECK(refusal("Dear diary, this is not a photograph") ==
          "not a JPEG, PNG or WebP image: it starts with 'Dear diary, '");
}

TEST_CASE("other formats are refused") {
    for (const std::string& file :
         {"GIF89a\1\0\1\0"s, "BM\0\0"s, "%PDF-1.7"s, "<svg xmlns="s, "II*\0"s, "P6 1 1 255 "s,
          "RIFF\0\0\0\0WAVE"s, "RIFF"s, "\xff\xd8"s, "\x89PNG\r\n"s, "\0"s}) {
        CHECK(refusal(file).starts_with("not a JPEG, PNG or WebP image: it starts with "));
    }
    CHECK(refusal("\x7f"
                  "ELF\x02\xff"s)
              .ends_with("it starts with bytes 7f 45 4c 46 02 ff"));
}

TEST_CASE("an empty payload is refused with what to do") {
    CHECK(refusal("") == "no image: send a JPEG, PNG or WebP file as the payload");
}

}  // namespace
}  // namespace penstock::worker::image
