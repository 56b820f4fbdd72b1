#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/image/samples.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;
using namespace std::string_literals;

constexpr std::string_view as_png = R"({"width":20,"format":"png"})";
const std::vector<double> white{255, 255, 255};

VImage tagged(const VImage& picture, VipsInterpretation interpretation) {
    return picture.copy(VImage::option()->set("interpretation", interpretation));
}

TEST_CASE("colours without a profile stay as they are") {
    const std::vector<double> colour{200, 100, 50};
    CHECK(is_near(resized(file_of(plain(40, 40, colour), Format::png), as_png).at(0.5, 0.5), colour,
                  0));
}

TEST_CASE("an embedded profile is converted to sRGB before it is stripped") {
    const std::vector<double> colour{230, 30, 30};
    const VImage wide_gamut =
        plain(40, 40, colour).icc_transform("p3", VImage::option()->set("input_profile", "srgb"));
    REQUIRE_FALSE(is_near(wide_gamut.getpoint(20, 20), colour, 8));
    for (const Format format : {Format::jpeg, Format::png, Format::webp}) {
        const Resized result = resized(file_of(wide_gamut, format), as_png);
        CHECK(is_near(result.at(0.5, 0.5), colour, 4));
        CHECK(result.picture.get_typeof(VIPS_META_ICC_NAME) == 0);
    }
}

TEST_CASE("a damaged profile counts as none") {
    const std::vector<double> colour{200, 100, 50};
    const std::string profile = "ICC_PROFILE\0\1\1"s + std::string(200, 'x');
    const std::string segment = "\xff\xe2\0"s + static_cast<char>(profile.size() + 2) + profile;
    const std::string jpeg = file_of(plain(40, 40, colour), Format::jpeg).insert(2, segment);
    CHECK(is_near(resized(jpeg, as_png).at(0.5, 0.5), colour, 4));
}

TEST_CASE("a CMYK photograph becomes RGB") {
    const auto printed = [](const std::vector<double>& ink) {
        const VImage picture = tagged(plain(40, 40, ink), VIPS_INTERPRETATION_CMYK);
        return resized(file_of(picture, Format::jpeg), as_png).at(0.5, 0.5);
    };
    CHECK(is_near(printed({0, 0, 0, 0}), white, 4));
    const std::vector<double> cyan = printed({255, 0, 0, 0});
    REQUIRE(cyan.size() == 3);
    CHECK(cyan[0] < 60);
    CHECK(cyan[1] > 130);
    CHECK(cyan[2] > 180);
}

TEST_CASE("16 bits per channel become 8") {
    const VImage deep = plain(40, 40, {200, 100, 50}).cast(VIPS_FORMAT_USHORT) * 257;
    const VImage rgb = tagged(deep.cast(VIPS_FORMAT_USHORT), VIPS_INTERPRETATION_RGB16);
    const Resized result = resized(file_of(rgb, Format::png), as_png);
    CHECK(result.picture.format() == VIPS_FORMAT_UCHAR);
    CHECK(is_near(result.at(0.5, 0.5), {200, 100, 50}, 1));
    const VImage grey = tagged(rgb.extract_band(0), VIPS_INTERPRETATION_GREY16);
    const Resized grey_result = resized(file_of(grey, Format::png), as_png);
    CHECK(grey_result.picture.format() == VIPS_FORMAT_UCHAR);
    CHECK(is_near(grey_result.at(0.5, 0.5), {200}, 1));
}

TEST_CASE("16 bits per channel with alpha become 8 with alpha") {
    const VImage deep = plain(40, 40, {200, 100, 50, 128}).cast(VIPS_FORMAT_USHORT) * 257;
    const VImage rgba = tagged(deep.cast(VIPS_FORMAT_USHORT), VIPS_INTERPRETATION_RGB16);
    const Resized result = resized(file_of(rgba, Format::png), as_png);
    CHECK(result.picture.format() == VIPS_FORMAT_UCHAR);
    CHECK(is_near(result.at(0.5, 0.5), {200, 100, 50, 128}, 2));
}

TEST_CASE("what is transparent becomes white in a JPEG and stays transparent elsewhere") {
    const VImage clear = plain(40, 40, {255, 0, 0, 0});
    for (const Format format : {Format::png, Format::webp}) {
        const std::string file = file_of(clear, format);
        CHECK(is_near(resized(file, R"({"width":20})").at(0.5, 0.5), white, 2));
        CHECK(resized(file, as_png).at(0.5, 0.5)[3] == 0);
        CHECK(resized(file, R"({"width":20,"format":"webp"})").at(0.5, 0.5)[3] == 0);
    }
    const VImage grey = plain(40, 40, {0, 0});
    CHECK(is_near(resized(file_of(grey, Format::png), R"({"width":20})").at(0.5, 0.5), {255}, 2));
}

TEST_CASE("colours of transparent pixels do not bleed into visible ones") {
    const VImage picture =
        plain(80, 40, {0, 255, 0, 0}).insert(plain(41, 40, {255, 0, 0, 255}), 0, 0);
    const Resized result = resized(file_of(picture, Format::png), as_png);
    for (int x = 0; x < 20; ++x) {
        const std::vector<double> pixel = result.picture.getpoint(x, 5);
        CHECK((pixel[3] < 8 || pixel[1] < 16));
    }
}

TEST_CASE("grey stays grey") {
    const Resized result = resized(file_of(plain(40, 40, {77}), Format::jpeg), "{}");
    CHECK(result.picture.bands() == 1);
    CHECK(is_near(result.at(0.5, 0.5), {77}, 2));
}

}  // namespace
}  // namespace penstock::worker::image
