#include <cmath>
#include <cstdint>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/image/samples.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;
using namespace std::string_literals;

constexpr std::string_view as_png = R"({"width":20,"format":"png"})";
const std::vector<double> white{255, 255, 255};

VImage with_profile(const VImage& picture, const std::string& profile) {
    VImage copy = picture.copy();
    vips_image_set_blob_copy(copy.get_image(), VIPS_META_ICC_NAME, profile.data(), profile.size());
    return copy;
}

// A profile for a wide gamut: a header of 128 bytes, a table of tags, the tags.
std::string p3_profile() {
    const VImage picture =
        plain(1, 1, {0, 0, 0}).icc_transform("p3", VImage::option()->set("input_profile", "srgb"));
    std::size_t bytes = 0;
    const void* profile = picture.get_blob(VIPS_META_ICC_NAME, &bytes);
    return {static_cast<const char*>(profile), bytes};
}

constexpr std::size_t colour_space_offset = 16;

// A profile for grey with the curve of the other one, which is that of sRGB.
std::string grey_profile() {
    std::string profile = p3_profile().replace(colour_space_offset, 4, "GRAY");
    return profile.replace(profile.find("rTRC"), 4, "kTRC");
}

std::string big_endian_bytes(std::uint32_t number) {
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        bytes += static_cast<char>(number >> shift & 0xffU);
    }
    return bytes;
}

// A sound profile that is not for a device: its three channels are Lab and stay what they are.
std::string lab_profile() {
    constexpr std::uint32_t one = 0x10000;
    std::string table = "mft2\0\0\0\0\3\3\2\0"s;  // of three by three channels, two steps each
    for (const std::uint32_t number : {one, 0U, 0U, 0U, one, 0U, 0U, 0U, one, 0x20002U}) {
        table += big_endian_bytes(number);
    }
    const std::string straight = "\0\0\xff\xff\0\0\xff\xff\0\0\xff\xff"s;
    table += straight;
    for (unsigned corner = 0; corner < 8; ++corner) {
        for (const unsigned channel : {4U, 2U, 1U}) {
            table += (corner & channel) != 0 ? "\xff\xff"s : "\0\0"s;
        }
    }
    table += straight;
    std::string header = p3_profile().substr(0, 128).replace(8, 4, "\2\x40\0\0"s);
    header.replace(12, 12, "abstLab Lab ");
    const auto bytes = static_cast<std::uint32_t>(table.size());
    header.replace(0, 4, big_endian_bytes(bytes + 144));
    return header + big_endian_bytes(1) + "A2B0" + big_endian_bytes(144) + big_endian_bytes(bytes) +
           table;
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

TEST_CASE("a profile that is damaged behind its header counts as none") {
    std::string profile = p3_profile();
    constexpr std::size_t tags_offset = 128;
    const std::size_t table = 4 + 12 * static_cast<std::size_t>(profile[tags_offset + 3]);
    const std::size_t content = tags_offset + table;
    profile.replace(content, std::string::npos, std::string(profile.size() - content, '\0'));
    const std::vector<double> colour{200, 100, 50};
    const std::string jpeg = file_of(with_profile(plain(40, 40, colour), profile), Format::jpeg);
    CHECK(is_near(resized(jpeg, as_png).at(0.5, 0.5), colour, 4));
}

TEST_CASE("a profile for another colour space counts as none") {
    const std::vector<double> colour{200, 100, 50};
    for (const std::string& profile : {lab_profile(), grey_profile()}) {
        const std::string jpeg =
            file_of(with_profile(plain(40, 40, colour), profile), Format::jpeg);
        CHECK(is_near(resized(jpeg, as_png).at(0.5, 0.5), colour, 4));
    }
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
    for (const std::vector<double>& colour : {std::vector<double>{200, 100, 50}, {200}}) {
        const Resized result = resized(file_of(deep(plain(40, 40, colour)), Format::png), as_png);
        CHECK(result.picture.format() == VIPS_FORMAT_UCHAR);
        CHECK(is_near(result.at(0.5, 0.5), colour, 1));
    }
}

TEST_CASE("16 bits per channel with alpha become 8 with alpha") {
    for (const std::vector<double>& colour : {std::vector<double>{200, 100, 50, 128}, {200, 128}}) {
        const Resized result = resized(file_of(deep(plain(40, 40, colour)), Format::png), as_png);
        CHECK(result.picture.format() == VIPS_FORMAT_UCHAR);
        CHECK(is_near(result.at(0.5, 0.5), colour, 1));
    }
}

TEST_CASE("16 bits per channel keep their alpha through a profile") {
    const VImage wide_gamut = with_profile(deep(plain(40, 40, {200, 100, 50, 128})), p3_profile());
    const Resized result = resized(file_of(wide_gamut, Format::png), as_png);
    CHECK(result.picture.format() == VIPS_FORMAT_UCHAR);
    CHECK(is_near(result.at(0.5, 0.5), {215, 93, 32, 128}, 2));
    const VImage grey = with_profile(deep(plain(40, 40, {200, 128})), grey_profile());
    const Resized grey_result = resized(file_of(grey, Format::png), as_png);
    CHECK(grey_result.picture.format() == VIPS_FORMAT_UCHAR);
    CHECK(is_near(grey_result.at(0.5, 0.5), {200, 200, 200, 128}, 2));
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

TEST_CASE("a picture with alpha is as bright as without when it shrinks") {
    const VImage opaque = noise(400, 300);
    const std::string_view args = R"({"width":133,"format":"png"})";
    const Resized with = resized(file_of(opaque.bandjoin_const({255}), Format::png), args);
    const Resized without = resized(file_of(opaque, Format::png), args);
    const double darker = without.picture.avg() - with.picture.extract_band(0).avg();
    // Cutting fractions off would cost half a level; the way around alpha costs a little rounding.
    CHECK(std::abs(darker) < 0.25);
}

TEST_CASE("a picture that keeps its size keeps its pixels, seen or not") {
    const VImage picture = noise(40, 30).bandjoin_const({0});
    const Resized result = resized(file_of(picture, Format::png), R"({"format":"png"})");
    CHECK((result.picture - picture).abs().max() == 0);
}

TEST_CASE("grey stays grey") {
    const Resized result = resized(file_of(plain(40, 40, {77}), Format::jpeg), "{}");
    CHECK(result.picture.bands() == 1);
    CHECK(is_near(result.at(0.5, 0.5), {77}, 2));
}

}  // namespace
}  // namespace penstock::worker::image
