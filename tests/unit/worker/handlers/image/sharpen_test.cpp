#include <cmath>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

// A soft edge, from dark to light.
VImage edge() {
    return plain(60, 20, {100, 100, 100}).insert(plain(30, 20, {150, 150, 150}), 30, 0);
}

TEST_CASE("sharpening adds what a blur takes away, and leaves flat parts alone") {
    const std::string file = file_of(edge(), Format::png);
    const VImage soft = made(blur, file, R"({"sigma":1.5,"format":"png"})").picture;
    const VImage sharp = made(sharpen, file, R"({"sigma":1.5,"amount":2,"format":"png"})").picture;
    for (int x = 0; x < 60; ++x) {
        const double level = edge().getpoint(x, 9)[0];
        const double expected = level + 2 * (level - soft.getpoint(x, 9)[0]);
        CHECK(std::abs(sharp.getpoint(x, 9)[0] - expected) <= 1.5);
    }
    CHECK(sharp.getpoint(5, 5)[0] == 100);
    CHECK(sharp.getpoint(29, 5)[0] < 90);
    CHECK(sharp.getpoint(30, 5)[0] > 160);
}

TEST_CASE("amount 0 changes nothing") {
    const VImage picture = noise(50, 40);
    const Made result =
        made(sharpen, file_of(picture, Format::png), R"({"amount":0,"format":"png"})");
    CHECK(difference(result.picture, picture) == 0);
}

TEST_CASE("levels end at black and white instead of starting over") {
    const VImage picture = plain(40, 10, {2, 2, 2}).insert(plain(20, 10, {253, 253, 253}), 20, 0);
    const VImage sharp =
        made(sharpen, file_of(picture, Format::png), R"({"amount":10,"format":"png"})").picture;
    CHECK(sharp.getpoint(19, 5)[0] == 0);
    CHECK(sharp.getpoint(20, 5)[0] == 255);
}

TEST_CASE("sharpening leaves alpha as it is") {
    const VImage alpha = noise(50, 40).extract_band(0);
    const VImage picture = noise(50, 40).bandjoin(alpha);
    const VImage sharp =
        made(sharpen, file_of(picture, Format::png), R"({"sigma":9,"format":"png"})").picture;
    CHECK(difference(sharp.extract_band(3), alpha) == 0);
}

TEST_CASE("a photograph is sharpened with any sigma") {
    const std::string jpeg = photo("friends_by_Aitzol_Berasategi.jpg");
    for (const std::string_view args : {R"({"sigma":0.5})", R"({"sigma":40})"}) {
        CHECK(made(sharpen, jpeg, args).picture.height() == 3088);
    }
}

TEST_CASE("sigma and amount have ranges") {
    CHECK(rejection(sharpen, R"({"amount":10.5})") ==
          "amount: 10.5 is out of range; allowed 0..10");
    CHECK(rejection(sharpen, R"({"sigma":0})") == "sigma: 0 is out of range; allowed 0.3..100");
}

}  // namespace
}  // namespace penstock::worker::image
