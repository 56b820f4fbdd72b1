// What holds for each operation and for every kind of picture.

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using Catch::Matchers::ContainsSubstring;
using vips::VImage;

struct Case {
    Handler handler;
    std::string options;  // with a comma in front
};

// None of them changes the colour in the middle of a picture that has but one, and all can be done
// to a picture of one pixel.
const std::vector<Case> cases{
    {convert, ""},
    {blur, R"(,"sigma":1)"},
    {blur, R"(,"sigma":50)"},
    {sharpen, R"(,"sigma":5)"},
    {crop, R"(,"width":1,"height":1,"gravity":"southeast")"},
    {crop, R"(,"width":1,"height":1,"focus":"attention")"},
    {crop, R"(,"width":1,"height":1,"focus":"entropy")"},
    {rotate, R"(,"angle":90)"},
    {resize, R"(,"width":1,"height":1,"fit":"cover","focus":"entropy")"},
    {pipeline, R"(,"steps":[{"blur":{}},{"resize":{"width":1}},{"rotate":{"angle":180}}])"},
};

// A picture of one colour in each kind, as files; and the colour that is to come out.
std::vector<std::pair<std::string, std::vector<double>>> kinds(int width, int height) {
    const auto png = [&](const std::vector<double>& colour) {
        return file_of(plain(width, height, colour), Format::png);
    };
    const auto deep_png = [&](const std::vector<double>& colour) {
        return file_of(deep(plain(width, height, colour)), Format::png);
    };
    const VImage blank = tagged(plain(width, height, {0, 0, 0, 0}), VIPS_INTERPRETATION_CMYK);
    const std::string jpeg = file_of(plain(width, height, {200, 100, 50}), Format::jpeg);
    return {
        {png({200}), {200}},
        {png({200, 128}), {200, 128}},
        {png({200, 100, 50}), {200, 100, 50}},
        {png({200, 100, 50, 128}), {200, 100, 50, 128}},
        {deep_png({200}), {200}},
        {deep_png({200, 128}), {200, 128}},
        {deep_png({200, 100, 50}), {200, 100, 50}},
        {deep_png({200, 100, 50, 128}), {200, 100, 50, 128}},
        {file_of(blank, Format::jpeg), {255, 255, 255}},
        {with_orientation(jpeg, 6), {200, 100, 50}},
        {file_of(plain(width, height, {200, 100, 50, 128}), Format::webp), {200, 100, 50, 128}},
    };
}

TEST_CASE("every operation takes every kind of picture, down to one pixel") {
    for (const auto& [width, height] : {std::pair(12, 9), {1, 1}, {1, 9}}) {
        const auto files = kinds(width, height);
        for (std::size_t kind = 0; kind < files.size(); ++kind) {
            for (const Case& one : cases) {
                CAPTURE(width, height, kind, one.options);
                const auto& [file, colour] = files[kind];
                const Made result =
                    made(one.handler, file, R"({"format":"png")" + one.options + "}");
                CHECK(result.picture.format() == VIPS_FORMAT_UCHAR);
                CHECK(is_near(result.at(0.5, 0.5), colour, 4));
            }
        }
    }
}

TEST_CASE("every kind of picture can be turned by any angle and made grey") {
    for (const auto& [width, height] : {std::pair(40, 30), {1, 1}}) {
        for (const auto& [file, colour] : kinds(width, height)) {
            const std::size_t alpha = colour.size() % 2 == 0 ? 1 : 0;
            const Made grey = made(grayscale, file, R"({"format":"png"})");
            CHECK(grey.at(0.5, 0.5).size() == 1 + alpha);
            const Made turned =
                made(rotate, file, R"({"format":"png","angle":45,"background":"#123456"})");
            CHECK(turned.at(0.5, 0.5).size() == 3 + alpha);
            CHECK(turned.picture.format() == VIPS_FORMAT_UCHAR);
        }
    }
}

TEST_CASE("every operation writes every format, on white where a JPEG cannot be transparent") {
    const std::string file = file_of(plain(40, 30, {255, 0, 0, 0}), Format::png);
    for (const Case& one : cases) {
        CAPTURE(one.options);
        const Made jpeg = made(one.handler, file, R"({"format":"jpeg")" + one.options + "}");
        CHECK(is_near(jpeg.at(0.5, 0.5), {255, 255, 255}, 2));
        const Made webp = made(one.handler, file, R"({"format":"webp")" + one.options + "}");
        CHECK(webp.at(0.5, 0.5)[3] == 0);
    }
}

TEST_CASE("every operation converts an embedded profile and strips what is embedded") {
    const std::vector<double> colour{230, 30, 30};
    const VImage wide_gamut =
        plain(40, 40, colour).icc_transform("p3", VImage::option()->set("input_profile", "srgb"));
    const std::string file = with_orientation(file_of(wide_gamut, Format::jpeg), 1);
    for (const Case& one : cases) {
        CAPTURE(one.options);
        for (const std::string format : {"png", "webp", "jpeg"}) {
            const Made result =
                made(one.handler, file, R"({"format":")" + format + "\"" + one.options + "}");
            CHECK(is_near(result.at(0.5, 0.5), colour, 6));
            CHECK(result.picture.get_typeof(VIPS_META_ICC_NAME) == 0);
            CHECK(result.picture.get_typeof(VIPS_META_ORIENTATION) == 0);
        }
    }
}

TEST_CASE("every operation refuses damaged files and text") {
    const std::string jpeg = file_of(noise(300, 300), Format::jpeg);
    const std::string half = jpeg.substr(0, jpeg.size() / 2);
    for (const Case& one : cases) {
        CAPTURE(one.options);
        const std::string args = R"({"format":"png")" + one.options + "}";
        CHECK_THAT(refused(one.handler, half, args), ContainsSubstring("damaged or cut short"));
        CHECK_THAT(refused(one.handler, "hello", args), ContainsSubstring("not a JPEG"));
        CHECK_THAT(refused(one.handler, png_that_claims(20'000, 5, false), args),
                   ContainsSubstring("each side may be at most 16384"));
    }
}

TEST_CASE("no operation writes a WebP that is too large") {
    const std::string file = png_that_claims(5'000, 4'000, false);
    CHECK_THAT(refused(convert, file, R"({"format":"webp"})"),
               ContainsSubstring("a WebP may have at most 16 megapixels"));
    CHECK_THAT(refused(pipeline, file, R"({"format":"webp","steps":[{"blur":{}}]})"),
               ContainsSubstring("a WebP may have at most 16 megapixels"));
}

TEST_CASE("convert changes nothing but the format") {
    const VImage picture = noise(50, 40).bandjoin_const({70});
    const std::string webp = file_of(picture, Format::webp);
    const Made png = made(convert, webp, R"({"format":"png"})");
    CHECK(difference(png.picture, picture) == 0);
    CHECK(png.facts["input_format"] == "webp");
    const std::string file = photo("umang_by_Abhishek_Mudgal.jpg");
    CHECK(made(convert, file, R"({"quality":30})").file.size() <
          made(convert, file, R"({"quality":90})").file.size());
    CHECK(rejection(convert, R"({"format":"gif"})") ==
          "format: 'gif' is not one of: jpeg, png, webp");
}

}  // namespace
}  // namespace penstock::worker::image
