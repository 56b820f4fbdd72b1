#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/handlers/image/samples.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

TEST_CASE("grayscale keeps luminance, not the mean of the channels") {
    const auto grey_of = [](const std::vector<double>& colour) {
        const std::string file = file_of(plain(8, 8, colour), Format::png);
        return made(grayscale, file, R"({"format":"png"})").at(0.5, 0.5);
    };
    // A level in linear light, and back (IEC 61966-2-1).
    const auto expected = [](double luminance) {
        return 255 * (1.055 * std::pow(luminance, 1 / 2.4) - 0.055);
    };
    CHECK(is_near(grey_of({255, 0, 0}), {expected(0.2126)}, 1));
    CHECK(is_near(grey_of({0, 255, 0}), {expected(0.7152)}, 1));
    CHECK(is_near(grey_of({0, 0, 255}), {expected(0.0722)}, 1));
    CHECK(is_near(grey_of({255, 0, 0, 99}), {expected(0.2126), 99}, 1));
    CHECK(is_near(grey_of({90, 90, 90, 77}), {90, 77}, 1));
    CHECK(grey_of({77}) == std::vector<double>{77});
}

}  // namespace
}  // namespace penstock::worker::image
