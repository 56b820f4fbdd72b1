#include <string>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using Catch::Matchers::ContainsSubstring;
using vips::VImage;

Made cropped(const VImage& picture, const std::string& where, const std::string& size) {
    return made(crop, file_of(picture, Format::png),
                R"({"format":"png",)" + size + (where.empty() ? "" : "," + where) + "}");
}

TEST_CASE("gravity says to the pixel which part is kept") {
    const VImage picture = coordinates(100, 61);
    const auto corner = [&picture](const std::string& gravity) {
        const Made result =
            cropped(picture, gravity.empty() ? "" : R"("gravity":")" + gravity + "\"",
                    R"("width":30,"height":20)");
        CHECK(result.picture.width() == 30);
        CHECK(result.picture.height() == 20);
        const std::vector<double> first = result.picture.getpoint(0, 0);
        CHECK(is_near(result.picture.getpoint(29, 19), {first[0] + 29, first[1] + 19, 0}, 0));
        return std::pair(first[0], first[1]);
    };
    CHECK(corner("") == std::pair(35.0, 20.0));
    CHECK(corner("centre") == std::pair(35.0, 20.0));
    CHECK(corner("north") == std::pair(35.0, 0.0));
    CHECK(corner("northeast") == std::pair(70.0, 0.0));
    CHECK(corner("east") == std::pair(70.0, 20.0));
    CHECK(corner("southeast") == std::pair(70.0, 41.0));
    CHECK(corner("south") == std::pair(35.0, 41.0));
    CHECK(corner("southwest") == std::pair(0.0, 41.0));
    CHECK(corner("west") == std::pair(0.0, 20.0));
    CHECK(corner("northwest") == std::pair(0.0, 0.0));
}

TEST_CASE("left and top are the corner, and each alone is enough") {
    const VImage picture = coordinates(100, 60);
    const std::string size = R"("width":10,"height":10)";
    CHECK(cropped(picture, R"("left":90,"top":50)", size).picture.getpoint(0, 0) ==
          std::vector<double>{90, 50, 0});
    CHECK(cropped(picture, R"("left":7)", size).picture.getpoint(0, 0) ==
          std::vector<double>{7, 0, 0});
    CHECK(cropped(picture, R"("top":7)", size).picture.getpoint(0, 0) ==
          std::vector<double>{0, 7, 0});
}

TEST_CASE("focus finds the part where something is to be seen") {
    const VImage picture = plain(300, 100, {40, 40, 40}).insert(noise(60, 60), 220, 20);
    for (const char* focus : {"attention", "entropy"}) {
        const Made result = cropped(picture, R"("focus":")" + std::string(focus) + "\"",
                                    R"("width":100,"height":100)");
        CHECK(result.picture.width() == 100);
        CHECK(result.picture.deviate() > 20);
    }
}

TEST_CASE("all of the picture is a part of it") {
    const VImage picture = noise(30, 20);
    for (const char* where : {"", R"("focus":"attention")", R"("left":0,"top":0)"}) {
        CHECK(difference(cropped(picture, where, R"("width":30,"height":20)").picture, picture) ==
              0);
    }
}

TEST_CASE("a part is counted in the picture that stands upright") {
    const VImage upright = coordinates(96, 64);
    const std::string jpeg = with_orientation(file_of(upright.rot270(), Format::jpeg), 6);
    const Made result = made(crop, jpeg, R"({"width":96,"height":10,"top":54,"format":"png"})");
    CHECK(is_near(result.picture.getpoint(80, 5), {80, 59, 0}, 12));
}

TEST_CASE("cover keeps the part that gravity or focus names") {
    const std::string file = file_of(coordinates(200, 50), Format::png);
    const auto red_at_left = [&file](const std::string& where) {
        return resized(file,
                       R"({"width":50,"height":50,"fit":"cover","format":"png",)" + where + "}")
            .picture.getpoint(0, 0)[0];
    };
    CHECK(red_at_left(R"("gravity":"west")") == 0);
    CHECK(red_at_left(R"("gravity":"centre")") == 75);
    CHECK(red_at_left(R"("gravity":"east")") == 150);
    const VImage striking = plain(300, 100, {40, 40, 40}).insert(noise(60, 60), 220, 20);
    CHECK(resized(file_of(striking, Format::png),
                  R"({"width":50,"height":50,"fit":"cover","format":"png","focus":"attention"})")
              .picture.deviate() > 20);
    CHECK(rejection(resize, R"({"gravity":"north"})") == "gravity: allowed only with fit cover");
    CHECK(rejection(resize, R"({"focus":"entropy","fit":"fill"})") ==
          "focus: allowed only with fit cover");
}

TEST_CASE("a part that is not in the picture is refused with what would be") {
    const std::string file = file_of(plain(40, 30, {9, 9, 9}), Format::png);
    const auto mistake = [&file](std::string_view args) { return refused(crop, file, args); };
    CHECK(mistake(R"({"width":41,"height":30})") ==
          "width: 41 is out of range; allowed 1..40 here, in a picture of 40x30 pixels");
    CHECK(mistake(R"({"width":40,"height":31,"focus":"entropy"})") ==
          "height: 31 is out of range; allowed 1..30 here, in a picture of 40x30 pixels");
    CHECK(mistake(R"({"width":10,"height":10,"left":31})") ==
          "left: 31 is out of range; allowed 0..30 here, in a picture of 40x30 pixels");
    CHECK(mistake(R"({"width":10,"height":10,"top":21})") ==
          "top: 21 is out of range; allowed 0..20 here, in a picture of 40x30 pixels");
}

TEST_CASE("the fields of a crop are checked before the file is looked at") {
    const auto mistake = [](std::string_view args) { return rejection(crop, args); };
    CHECK(mistake(R"({"height":9})") == "width: missing; allowed 1..16384");
    CHECK(mistake(R"({"width":9})") == "height: missing; allowed 1..16384");
    CHECK(mistake(R"({"width":9,"height":9,"left":-1})") ==
          "left: -1 is out of range; allowed 0..16383");
    CHECK(mistake(R"({"width":9,"height":9,"gravity":"up"})") ==
          "gravity: 'up' is not one of: centre, north, northeast, east, southeast, south, "
          "southwest, west, northwest");
    CHECK(mistake(R"({"width":9,"height":9,"focus":"face"})") ==
          "focus: 'face' is not one of: attention, entropy");
    CHECK(mistake(R"({"width":9,"height":9,"gravity":"east","focus":"entropy"})") ==
          "focus: not allowed together with gravity");
    CHECK(mistake(R"({"width":9,"height":9,"gravity":"east","top":2})") ==
          "top: not allowed together with gravity or focus");
}

TEST_CASE("a file cut short below the part that is kept is refused") {
    const std::string jpeg = file_of(noise(400, 4000), Format::jpeg);
    CHECK_THAT(refused(crop, jpeg.substr(0, jpeg.size() * 95 / 100),
                       R"({"width":400,"height":100,"gravity":"north"})"),
               ContainsSubstring("damaged or cut short"));
}

}  // namespace
}  // namespace penstock::worker::image
