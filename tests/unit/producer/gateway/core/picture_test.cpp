#include "producer/gateway/core/picture.hpp"

#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

using namespace std::string_view_literals;

std::optional<Picture> sniff(std::string_view text) {
    return sniff_picture(as_byte_view(text));
}

TEST_CASE("a format is told by its first bytes") {
    REQUIRE(sniff("\xff\xd8\xff\xe0 and more"sv) == Picture::jpeg);
    REQUIRE(sniff("\x89PNG\r\n\x1a\n and more"sv) == Picture::png);
    REQUIRE(sniff("RIFF\x10\0\0\0WEBPVP8 "sv) == Picture::webp);
    for (const std::string_view text : {""sv, "\xff\xd8"sv, "GIF89a"sv, "hello"sv,
                                        "RIFF\x10\0\0\0WAVE"sv, "RIFF\x10\0\0\0WEB"sv}) {
        INFO(text);
        REQUIRE_FALSE(sniff(text));
    }
}

TEST_CASE("words, types and endings belong together") {
    REQUIRE(picture_from_word("jpg") == Picture::jpeg);
    for (const Picture picture : {Picture::jpeg, Picture::png, Picture::webp}) {
        REQUIRE(picture_from_word(word(picture)) == picture);
        REQUIRE(media_type(picture) == "image/" + std::string(word(picture)));
    }
    REQUIRE_FALSE(picture_from_word("gif"));
    REQUIRE(result_name(TaskId{}, Picture::jpeg) ==
            "output-00000000-0000-0000-0000-000000000000.jpg");
}

TEST_CASE("equal bytes have equal tags, others have others") {
    const std::string tag = entity_tag(as_byte_view("abc"));
    REQUIRE(tag == entity_tag(as_byte_view("abc")));
    REQUIRE(tag != entity_tag(as_byte_view("abd")));
    REQUIRE(tag != entity_tag(as_byte_view("abcc")));
    REQUIRE(tag.size() == 34);
    REQUIRE((tag.front() == '"' && tag.back() == '"'));
}

TEST_CASE("If-None-Match may hold several tags, weak ones and a star") {
    REQUIRE(matches_tag("\"a\", W/\"b\"", "\"b\""));
    REQUIRE(matches_tag(" \"a\" ", "\"a\""));
    REQUIRE(matches_tag("*", "\"a\""));
    REQUIRE_FALSE(matches_tag("", "\"a\""));
    REQUIRE_FALSE(matches_tag("a", "\"a\""));
}

}  // namespace
}  // namespace penstock::gateway
