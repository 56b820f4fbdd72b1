#include <string>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

const std::vector<double> red_ground{255, 0, 0};
const std::vector<double> white_ground{255, 255, 255};

VImage rotated(const VImage& picture, const std::string& args) {
    return made(rotate, file_of(picture, Format::png), R"({"format":"png",)" + args + "}").picture;
}

TEST_CASE("quarter turns go to the right and move each pixel exactly") {
    const int width = 7;
    const int height = 5;
    const VImage picture = coordinates(width, height);
    const VImage once = rotated(picture, R"("angle":90)");
    const VImage twice = rotated(picture, R"("angle":180)");
    const VImage thrice = rotated(picture, R"("angle":270)");
    REQUIRE(once.width() == height);
    REQUIRE(once.height() == width);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const std::vector<double> pixel = picture.getpoint(x, y);
            CHECK(once.getpoint(height - 1 - y, x) == pixel);
            CHECK(twice.getpoint(width - 1 - x, height - 1 - y) == pixel);
            CHECK(thrice.getpoint(y, width - 1 - x) == pixel);
        }
    }
}

TEST_CASE("an angle may be negative, and a full turn is none") {
    const VImage picture = noise(9, 6);
    CHECK(difference(rotated(picture, R"("angle":-90)"), rotated(picture, R"("angle":270)")) == 0);
    for (const char* angle : {R"("angle":0)", R"("angle":360)", R"("angle":-360)"}) {
        CHECK(difference(rotated(picture, angle), picture) == 0);
    }
}

TEST_CASE("any other angle turns the picture in the middle of its background") {
    const VImage result =
        rotated(plain(100, 60, red_ground), R"("angle":30,"background":"#ffffff")");
    // 100 cos 30 + 60 sin 30, 100 sin 30 + 60 cos 30, and no pixel of either cut off.
    CHECK(result.width() == 117);
    CHECK(result.height() == 102);
    CHECK(result.getpoint(58, 51) == red_ground);
    for (const int x : {0, 116}) {
        CHECK(result.getpoint(x, x == 0 ? 0 : 101) == white_ground);
    }
    // The picture looks the same upside down, so the result does.
    CHECK(difference(result, result.rot180()) <= 1);
    // The long side falls to the right.
    CHECK(result.getpoint(12, 35) == red_ground);
    CHECK(result.getpoint(12, 66) == white_ground);
}

TEST_CASE("nearly a quarter turn looks like one") {
    const VImage picture = quarters(80, 40);
    const VImage exact = rotated(picture, R"("angle":90)");
    const VImage nearly = rotated(picture, R"("angle":89.999)");
    CHECK(nearly.width() - exact.width() <= 1);
    for (const int y : {20, 60}) {
        for (const int x : {10, 30}) {
            CHECK(is_near(nearly.getpoint(x, y), exact.getpoint(x, y), 1));
        }
    }
}

TEST_CASE("the background is opaque black, or a colour, or something to see through") {
    const VImage grey = plain(20, 20, {200});
    CHECK(rotated(grey, R"("angle":45)").getpoint(0, 0) == std::vector<double>{0});
    CHECK(rotated(grey, R"("angle":45,"background":"#808080")").getpoint(0, 0) ==
          std::vector<double>{128});
    CHECK(rotated(grey, R"("angle":45,"background":"#ff0000")").getpoint(0, 0) == red_ground);
    CHECK(rotated(grey, R"("angle":45,"background":"#00000000")").getpoint(0, 0)[1] == 0);
    const VImage clear =
        rotated(plain(20, 20, red_ground), R"("angle":45,"background":"#00FF0080")");
    CHECK(is_near(clear.getpoint(0, 0), {0, 255, 0, 128}, 1));
    CHECK(is_near(clear.getpoint(14, 14), {255, 0, 0, 255}, 0));
    CHECK(rotated(plain(20, 20, {200, 100}), R"("angle":45)").getpoint(0, 0) ==
          std::vector<double>{0, 255});
}

TEST_CASE("colours of transparent pixels do not bleed when the picture is turned") {
    const VImage picture =
        plain(40, 40, {0, 255, 0, 0}).insert(plain(20, 40, {255, 0, 0, 255}), 0, 0);
    const VImage result = rotated(picture, R"("angle":30,"background":"#00000000")");
    const VImage visible = result.extract_band(3) > 8;
    CHECK((result.extract_band(1) & visible).max() < 8);
}

TEST_CASE("what is too large once turned is refused before anything is decoded") {
    CHECK(refused(rotate, png_that_claims(10'000, 5'000, false), R"({"angle":45})") ==
          "the result would be 10607x10607 pixels; at most 50 megapixels are made. "
          "Ask for a smaller size");
    CHECK(refused(rotate, png_that_claims(16'384, 10, false), R"({"angle":90,"format":"webp"})") ==
          "the result would be 10x16384 pixels; each side of a WebP may be at most 16383. "
          "Ask for a smaller size or for another format");
}

TEST_CASE("angle and background are checked") {
    const auto mistake = [](std::string_view args) { return rejection(rotate, args); };
    CHECK(mistake("{}") == "angle: missing; allowed -360..360");
    CHECK(mistake(R"({"angle":361})") == "angle: 361 is out of range; allowed -360..360");
    CHECK(mistake(R"({"angle":"90"})") == "angle: '90' is not a number; allowed -360..360");
    CHECK(mistake(R"({"angle":1,"background":5})") ==
          "background: number where text is wanted; allowed 0..32 bytes");
    for (const std::string word : {"white", "#fff", "#12345g", "#1234567", "#+1+2+3", ""}) {
        CHECK(mistake(R"({"angle":1,"background":")" + word + "\"}") ==
              "background: '" + word +
                  "' is no colour; allowed #000000..#ffffff, with two more digits for alpha");
    }
}

}  // namespace
}  // namespace penstock::worker::image
