#include <cmath>
#include <thread>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

constexpr std::string_view tall_photo = "friends_by_Aitzol_Berasategi.jpg";
constexpr std::string_view resized_photo = "umang_by_Abhishek_Mudgal.jpg";

const std::vector<double> red_rgb{255, 0, 0};
const std::vector<double> green{0, 255, 0};
const std::vector<double> blue{0, 0, 255};
const std::vector<double> white_rgb{255, 255, 255};
const std::vector<double> black{0, 0, 0};

TEST_CASE("a photograph becomes a JPEG of width 800 and quality 80 in its own shape") {
    const Resized result = resized(photo(tall_photo), "{}");
    Value expected = {{"width", 800},
                      {"height", 1202},
                      {"format", "jpeg"},
                      {"engine", "libjpeg"},
                      {"input_width", 2056},
                      {"input_height", 3088},
                      {"input_format", "jpeg"},
                      {"bytes", result.file.size()}};
    CHECK(result.facts == expected);
    CHECK(result.file == resized(photo(tall_photo), R"({"width":800,"quality":80})").file);
    CHECK(resized(photo(resized_photo), "{}").facts["height"] == 450);
}

TEST_CASE("every format is read and written") {
    const vips::VImage picture = quarters(64, 48);
    for (const Format from : {Format::jpeg, Format::png, Format::webp}) {
        for (const Format to : {Format::jpeg, Format::png, Format::webp}) {
            const std::string args = R"({"width":32,"format":")" + std::string(name(to)) + "\"}";
            const Resized result = resized(file_of(picture, from), args);
            CHECK(result.facts["input_format"] == name(from));
            CHECK(result.picture.height() == 24);
            CHECK(is_near(result.at(0.25, 0.25), red_rgb, 20));
            CHECK(is_near(result.at(0.75, 0.75), white_rgb, 20));
        }
    }
}

TEST_CASE("a lower quality makes a smaller file") {
    const std::string file = photo(resized_photo);
    std::size_t bytes = 0;
    for (const std::string_view quality : {"1", "40", "80", "100"}) {
        const std::string args = R"({"quality":)" + std::string(quality) + "}";
        const std::size_t grown = resized(file, args).file.size();
        CHECK(grown > bytes);
        bytes = grown;
    }
}

TEST_CASE("no sample is shifted: a ramp stays the ramp that it was") {
    // A shift by half a source pixel would show as half a level.
    const vips::VImage ramp =
        (vips::VImage::identity().cast(VIPS_FORMAT_UCHAR))
            .resize(
                8, vips::VImage::option()->set("vscale", 512.0)->set("kernel", VIPS_KERNEL_LINEAR));
    const Resized result = resized(file_of(ramp, Format::png), R"({"width":512,"format":"png"})");
    for (const int x : {50, 200, 300, 450}) {
        const double level = (x + 0.5) / 2 - 0.5;
        CHECK(std::abs(result.picture.getpoint(x, 64)[0] - level) <= 1);
    }
}

TEST_CASE("a photograph is turned upright, whichever way its EXIF block says it lies") {
    using vips::VImage;
    const VImage upright = quarters(96, 64);
    const std::vector<VImage> stored = {upright,
                                        upright.fliphor(),
                                        upright.rot180(),
                                        upright.flipver(),
                                        upright.rot90().fliphor(),
                                        upright.rot270(),
                                        upright.rot270().fliphor(),
                                        upright.rot90()};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        const std::string jpeg =
            file_of(stored[static_cast<std::size_t>(orientation - 1)], Format::jpeg);
        const Resized result =
            resized(with_orientation(jpeg, orientation), R"({"width":48,"format":"png"})");
        CHECK(result.picture.width() == 48);
        CHECK(result.picture.height() == 32);
        CHECK(is_near(result.at(0.25, 0.25), red_rgb));
        CHECK(is_near(result.at(0.75, 0.25), green));
        CHECK(is_near(result.at(0.25, 0.75), blue));
        CHECK(is_near(result.at(0.75, 0.75), white_rgb));
        CHECK(result.picture.get_typeof(VIPS_META_ORIENTATION) == 0);
    }
}

TEST_CASE("an orientation that does not exist is ignored") {
    const std::string jpeg = file_of(quarters(96, 64), Format::jpeg);
    for (const int orientation : {0, 9, 77}) {
        CHECK(resized(with_orientation(jpeg, orientation), "{}").picture.width() == 96);
    }
}

TEST_CASE("metadata is stripped") {
    const std::string jpeg = with_orientation(file_of(quarters(96, 64), Format::jpeg), 1);
    REQUIRE(jpeg.find("Exif") != std::string::npos);
    for (const std::string_view args :
         {R"({"format":"jpeg"})", R"({"format":"png"})", R"({"format":"webp"})"}) {
        const Resized result = resized(jpeg, args);
        CHECK(result.file.find("Exif") == std::string::npos);
        CHECK(result.file.find("EXIF") == std::string::npos);
        CHECK(result.file.find("eXIf") == std::string::npos);
        CHECK(result.file.find("ICC") == std::string::npos);
    }
}

TEST_CASE("a small picture keeps its size unless enlarging is asked for") {
    const std::string file = file_of(quarters(100, 50), Format::png);
    CHECK(resized(file, "{}").picture.width() == 100);
    const Resized large = resized(file, R"({"enlarge":true})");
    CHECK(large.picture.width() == 800);
    CHECK(large.picture.height() == 400);
    CHECK(is_near(large.at(0.25, 0.25), red_rgb));
}

TEST_CASE("contain frames the picture in black, on every format and with alpha") {
    const std::string_view square = R"({"width":40,"height":40,"fit":"contain","format":"png"})";
    const Resized opaque = resized(file_of(quarters(80, 40), Format::png), square);
    CHECK(is_near(opaque.at(0.5, 0.1), black));
    CHECK(is_near(opaque.at(0.25, 0.4), red_rgb));
    CHECK(is_near(opaque.at(0.5, 0.9), black));
    const Resized clear =
        resized(file_of(quarters(80, 40).bandjoin_const({0}), Format::png), square);
    CHECK(is_near(clear.at(0.5, 0.1), {0, 0, 0, 255}));
    CHECK(clear.at(0.25, 0.4)[3] == 0);
    const Resized grey = resized(file_of(plain(80, 40, {200}), Format::png), square);
    CHECK(is_near(grey.at(0.5, 0.1), {0}));
    CHECK(is_near(grey.at(0.5, 0.5), {200}));
}

TEST_CASE("cover cuts the middle out") {
    const vips::VImage striped = plain(120, 40, red_rgb).insert(plain(40, 40, green), 40, 0);
    const Resized result = resized(file_of(striped, Format::png),
                                   R"({"width":20,"height":20,"fit":"cover","format":"png"})");
    CHECK(result.picture.width() == 20);
    CHECK(result.picture.height() == 20);
    CHECK(is_near(result.at(0.1, 0.5), green, 40));
    CHECK(is_near(result.at(0.9, 0.5), green, 40));
}

TEST_CASE("fill stretches, inside and outside keep the shape") {
    const std::string file = file_of(quarters(80, 40), Format::png);
    const auto sides = [&file](const std::string& fit) {
        const Resized result = resized(file, R"({"width":20,"height":20,"fit":")" + fit + "\"}");
        return std::pair(result.picture.width(), result.picture.height());
    };
    CHECK(sides("fill") == std::pair(20, 20));
    CHECK(sides("inside") == std::pair(20, 10));
    CHECK(sides("outside") == std::pair(40, 20));
}

TEST_CASE("a large picture shrinks to next to nothing") {
    const std::vector<double> colour{200, 100, 50};
    const std::string png = file_of(plain(4000, 3000, colour), Format::png);
    for (const int width : {12, 8, 1}) {
        const std::string args = R"({"format":"png","width":)" + std::to_string(width) + "}";
        const Resized result = resized(png, args);
        CHECK(result.picture.width() == width);
        CHECK(is_near(result.at(0.5, 0.5), colour, 1));
    }
    const std::string jpeg = file_of(plain(4001, 3001, colour), Format::jpeg);
    CHECK(is_near(resized(jpeg, R"({"width":1,"format":"png"})").at(0, 0), colour, 4));
    const Resized strip = resized(file_of(quarters(1999, 1333), Format::png),
                                  R"({"width":39,"height":4,"fit":"fill","format":"png"})");
    CHECK(is_near(strip.at(0.1, 0), red_rgb, 20));
    CHECK(is_near(strip.at(0.9, 0.9), white_rgb, 20));
}

TEST_CASE("a picture that lies on its side is cut and framed as it stands") {
    const std::string jpeg = with_orientation(file_of(quarters(96, 64).rot270(), Format::jpeg), 6);
    const Resized result =
        resized(jpeg, R"({"width":32,"height":32,"fit":"contain","format":"png"})");
    CHECK(is_near(result.at(0.5, 0.05), black));
    CHECK(is_near(result.at(0.05, 0.4), red_rgb, 30));
    CHECK(is_near(result.at(0.95, 0.6), white_rgb, 30));
}

TEST_CASE("arguments are checked field by field") {
    const auto mistake = [](std::string_view args) { return rejection(resize, args); };
    CHECK(mistake(R"({"width":70000})") == "width: 70000 is out of range; allowed 1..16384");
    CHECK(mistake(R"({"height":0})") == "height: 0 is out of range; allowed 1..16384");
    CHECK(mistake(R"({"quality":101})") == "quality: 101 is out of range; allowed 1..100");
    CHECK(mistake(R"({"quality":"high"})") ==
          "quality: 'high' is not a whole number; allowed 1..100");
    CHECK(mistake(R"({"enlarge":"no"})") == "enlarge: 'no' is not true or false");
    CHECK(mistake(R"({"fit":"crop"})") ==
          "fit: 'crop' is not one of: inside, outside, contain, cover, fill");
    CHECK(mistake(R"({"format":"gif"})") == "format: 'gif' is not one of: jpeg, png, webp");
    CHECK(mistake(R"({"widht":800})") ==
          "unknown field 'widht' (did you mean 'width'?); "
          "known fields: width, height, fit, enlarge, gravity, focus, quality, format");
    CHECK(mistake("[800]") == "the arguments must be an object with fields, not an array");
}

TEST_CASE("a cancelled attempt does not start to decode") {
    FakeContext context;
    context.looks_until_cancel = 0;
    const std::string file = file_of(quarters(80, 40), Format::png);
    const Value args = Value::object();
    CHECK(resize({args, as_byte_view(file)}, context).error().code == ErrorCode::cancelled);
}

TEST_CASE("several threads resize at once and each gets its own picture") {
    const std::vector<std::string> files = {photo(tall_photo), photo(resized_photo),
                                            file_of(quarters(400, 300), Format::webp)};
    std::vector<std::string> alone;
    for (const std::string& file : files) {
        alone.push_back(resized(file, "{}").file);
    }
    std::vector<std::string> together(files.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < files.size(); ++i) {
        threads.emplace_back([&, i] {
            const Result<Output> output = run(resize, "{}", as_byte_view(files[i]));
            together[i] = output ? std::string(as_text(output->payload.view())) : "";
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(together == alone);
}

}  // namespace
}  // namespace penstock::worker::image
