#include "worker/handlers/image/jpeg/scaler.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

#include "tests/support/catch.hpp"

namespace penstock::worker::image {
namespace {

Grid whole(int width, int height) {
    return {width, height, static_cast<double>(width), static_cast<double>(height)};
}

Plane scaled(const Plane& plane, const Grid& to, const Mirror& mirror = {}) {
    Scaler scaler(whole(plane.width, plane.height), to, mirror);
    for (int y = 0; y < plane.height; ++y) {
        scaler.push(plane.row(y));
    }
    return scaler.take();
}

// Slow enough that scaling it is like making it at the other size.
Plane waves(int width, int height) {
    Plane plane(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const double across = std::sin(6.0 * (x + 0.5) / width);
            const double down = std::cos(5.0 * (y + 0.5) / height);
            plane.row(y)[x] = static_cast<Sample>(std::lround(128 + 60 * across + 60 * down));
        }
    }
    return plane;
}

int largest_difference(const Plane& a, const Plane& b) {
    REQUIRE(a.width == b.width);
    REQUIRE(a.height == b.height);
    int largest = 0;
    for (std::size_t i = 0; i < a.samples.size(); ++i) {
        largest = std::max(largest, std::abs(a.samples[i] - b.samples[i]));
    }
    return largest;
}

}  // namespace

TEST_CASE("weights are those of the filter, as sines have it") {
    const int from = GENERATE(1, 7, 800, 9'000);
    const int to = GENERATE(1, 8, 799, 3'001);
    CAPTURE(from, to);
    const Weights weights(from, from, to, to, false);
    const double scale = static_cast<double>(from) / to;
    const double stretch = std::max(scale, 1.0);
    const auto sinc = [](double x) {
        const double angle = std::numbers::pi * x;
        return x == 0 ? 1 : std::sin(angle) / angle;
    };
    double largest = 0;
    for (int index = 0; index < to; ++index) {
        const Weights::Window window = weights.at(index);
        const double centre = (index + 0.5) * scale - 0.5;
        std::vector<double> wanted;
        for (int i = window.first; i < weights.needed(index); ++i) {
            const double x = (i - centre) / stretch;
            wanted.push_back(sinc(x) * sinc(x / 3));
        }
        const double sum = std::accumulate(wanted.begin(), wanted.end(), 0.0);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            largest = std::max(largest, std::abs(wanted[i] / sum - window.weights[i]));
        }
    }
    CHECK(largest < 1e-6);
}

TEST_CASE("a plane of one level stays that level at every size") {
    const int from = GENERATE(1, 2, 7, 64, 65, 300);
    const int to = GENERATE(1, 2, 3, 63, 129, 700);
    Plane plane(from, 301 - from);
    std::ranges::fill(plane.samples, Sample{255});
    const Plane result = scaled(plane, whole(to, 701 - to));
    CHECK(std::ranges::all_of(result.samples, [](Sample sample) { return sample == 255; }));
}

TEST_CASE("a plane at its own size stays as it is") {
    const Plane plane = waves(130, 90);
    CHECK(scaled(plane, whole(130, 90)).samples == plane.samples);
}

TEST_CASE("waves scaled are the same waves at that size") {
    const int width = GENERATE(40, 100, 333, 900);
    const int height = GENERATE(50, 200, 777);
    CAPTURE(width, height);
    CHECK(largest_difference(scaled(waves(400, 300), whole(width, height)), waves(width, height)) <=
          3);
}

TEST_CASE("a mirrored result is the result mirrored") {
    const Plane plane = waves(200, 160);
    const Plane straight = scaled(plane, whole(77, 61));
    const Mirror mirror{GENERATE(true, false), GENERATE(true, false)};
    const Plane result = scaled(plane, whole(77, 61), mirror);
    Plane expected(77, 61);
    for (int y = 0; y < 61; ++y) {
        for (int x = 0; x < 77; ++x) {
            expected.row(y)[x] = straight.row(mirror.down ? 60 - y : y)[mirror.across ? 76 - x : x];
        }
    }
    CHECK(largest_difference(result, expected) <= 1);
}

TEST_CASE("a picture that ends within a sample is scaled by what it takes of it") {
    // Of the last sample only a half belongs to the picture: 10 of these make 9.5 of those.
    const Plane plane = waves(190, 10);
    Scaler scaler({190, 10, 189.5, 10}, {19, 10, 18.95, 10}, {});
    for (int y = 0; y < 10; ++y) {
        scaler.push(plane.row(y));
    }
    CHECK(largest_difference(scaler.take(), waves(19, 10)) <= 3);
}

}  // namespace penstock::worker::image
