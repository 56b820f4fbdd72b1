#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using Catch::Matchers::ContainsSubstring;

Value info_of(const std::string& file) {
    const Result<Output> output = run(info, "{}", as_byte_view(file));
    INFO((output ? "" : output.error().message));
    REQUIRE(output.has_value());
    CHECK(output->payload.view().empty());
    return output->value;
}

TEST_CASE("info tells what the header of a photograph says") {
    const std::string file = photo("umang_by_Abhishek_Mudgal.jpg");
    const Value expected = {
        {"width", 3840},    {"height", 2160},       {"format", "jpeg"},
        {"channels", 3},    {"bit_depth", 8},       {"alpha", false},
        {"orientation", 1}, {"bytes", file.size()}, {"has_profile", info_of(file)["has_profile"]}};
    CHECK(info_of(file) == expected);
}

TEST_CASE("info tells channels, depth and alpha") {
    const auto told = [](const vips::VImage& picture, Format format) {
        const Value value = info_of(file_of(picture, format));
        CHECK(value["format"] == name(format));
        return Value{value["channels"], value["bit_depth"], value["alpha"]};
    };
    const vips::VImage colour = plain(4, 3, {1, 2, 3});
    const vips::VImage clear = plain(4, 3, {1, 2, 3, 4});
    CHECK(told(plain(4, 3, {9}), Format::jpeg) == Value{1, 8, false});
    CHECK(told(plain(4, 3, {9, 9}), Format::png) == Value{2, 8, true});
    CHECK(told(colour, Format::webp) == Value{3, 8, false});
    CHECK(told(clear, Format::webp) == Value{4, 8, true});
    CHECK(told(deep(clear), Format::png) == Value{4, 16, true});
    CHECK(told(tagged(clear, VIPS_INTERPRETATION_CMYK), Format::jpeg) == Value{4, 8, false});
}

TEST_CASE("info tells how the picture lies, and its sides as they are stored") {
    const Value value = info_of(with_orientation(file_of(quarters(96, 64), Format::jpeg), 6));
    CHECK(value["orientation"] == 6);
    CHECK(value["width"] == 96);
    CHECK(value["has_profile"] == false);
}

TEST_CASE("info tells whether there is a colour profile") {
    const vips::VImage wide_gamut =
        plain(8, 8, {1, 2, 3})
            .icc_transform("p3", vips::VImage::option()->set("input_profile", "srgb"));
    CHECK(info_of(file_of(wide_gamut, Format::png))["has_profile"] == true);
}

TEST_CASE("info does not decode, so it does not see that pixels are missing") {
    CHECK(info_of(png_that_claims(5'000, 3'000, false))["width"] == 5'000);
}

TEST_CASE("info refuses what every other type would refuse from the header") {
    CHECK_THAT(refused(info, "hello", "{}"), ContainsSubstring("not a JPEG, PNG or WebP"));
    CHECK_THAT(refused(info, png_that_claims(1, 20'000, false), "{}"),
               ContainsSubstring("each side may be at most 16384"));
    CHECK_THAT(refused(info, png_that_claims(0, 0, false), "{}"),
               ContainsSubstring("damaged or cut short"));
    CHECK(rejection(info, R"({"width":1})") == "unknown field 'width'; known fields: none");
}

}  // namespace
}  // namespace penstock::worker::image
