#include "producer/gateway/core/upload_options.hpp"

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

Answered<UploadOptions> read(const char* query) {
    return read_upload_options(parse_target(std::string("/upload?") + query).value());
}

std::string args(const char* query) {
    const auto options = read(query);
    const auto bytes = resize_args(*options, options->format.value_or(Picture::jpeg));
    return json_from_value(value_from_msgpack(bytes.view()).value());
}

TEST_CASE("without options the worker's defaults hold") {
    REQUIRE(*read("") == UploadOptions{});
    REQUIRE(args("") == R"({"format":"jpeg"})");
}

TEST_CASE("options become the arguments of image.resize") {
    REQUIRE(
        args("width=300&height=200&fit=cover&quality=90&format=jpg&enlarge") ==
        R"({"enlarge":true,"fit":"cover","format":"jpeg","height":200,"quality":90,"width":300})");
    REQUIRE(args("enlarge=false&format=webp") == R"({"format":"webp"})");
    REQUIRE(read("download=1")->download);
}

TEST_CASE("a mistake is 400 and named, with what is allowed") {
    const std::pair<const char*, const char*> mistakes[]{
        {"width=0", "width: allowed are whole numbers from 1 to 16384"},
        {"height=16385", "height: allowed are whole numbers from 1 to 16384"},
        {"width=3.5", "width: allowed are whole numbers from 1 to 16384"},
        {"width=", "width: allowed are whole numbers from 1 to 16384"},
        {"quality=101", "quality: allowed are whole numbers from 1 to 100"},
        {"fit=squash", "fit: allowed are inside, outside, contain, cover, fill"},
        {"format=gif", "format: allowed are jpeg, png and webp"},
        {"enlarge=maybe", "enlarge: allowed are true and false"},
        {"width=1&width=2", "width: it is given twice"},
    };
    for (const auto& [query, detail] : mistakes) {
        INFO(query);
        const auto options = read(query);
        REQUIRE_FALSE(options);
        REQUIRE(options.error().status == 400);
        REQUIRE(options.error().code == "invalid_option");
        REQUIRE(options.error().detail == detail);
    }
    REQUIRE(read("widht=3").error().detail.starts_with("widht: there is no such option"));
}

}  // namespace
}  // namespace penstock::gateway
