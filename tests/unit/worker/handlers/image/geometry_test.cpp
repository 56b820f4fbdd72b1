#include "worker/handlers/image/geometry.hpp"

#include "tests/support/catch.hpp"

namespace penstock::worker::image {
namespace {

constexpr Size wide{4000, 3000};
constexpr Size small{100, 50};

Geometry plan(Size picture, const Box& box) {
    return plan_geometry(picture, box).value();
}
// For fits whose canvas is the picture itself.
Size size(Size picture, const Box& box) {
    const Geometry geometry = plan(picture, box);
    CHECK(geometry.canvas == geometry.scaled);
    return geometry.scaled;
}

TEST_CASE("with one side given, the other follows the shape, whatever the fit") {
    for (const Fit fit : {Fit::inside, Fit::outside, Fit::contain, Fit::cover, Fit::fill}) {
        CHECK(size(wide, {.width = 800, .height = {}, .fit = fit}) == Size{800, 600});
        CHECK(size(wide, {.width = {}, .height = 600, .fit = fit}) == Size{800, 600});
    }
}

TEST_CASE("the side that follows is rounded and never nothing") {
    CHECK(size({4001, 3001}, {.width = 800, .height = {}}) == Size{800, 600});
    CHECK(size({1999, 1333}, {.width = 800, .height = {}}) == Size{800, 533});
    CHECK(size({1001, 5003}, {.width = 800, .height = {}}) == Size{800, 3998});
    CHECK(size({3000, 1001}, {.width = 1500, .height = {}}) == Size{1500, 501});
    CHECK(size({4000, 1}, {.width = 800, .height = {}}) == Size{800, 1});
    CHECK(size({1, 4000}, {.width = {}, .height = 800}) == Size{1, 800});
}

TEST_CASE("inside stays in the box and outside covers it") {
    CHECK(size(wide, {.width = 800, .height = 800, .fit = Fit::inside}) == Size{800, 600});
    CHECK(size(wide, {.width = 800, .height = 300, .fit = Fit::inside}) == Size{400, 300});
    CHECK(size(wide, {.width = 800, .height = 800, .fit = Fit::outside}) == Size{1067, 800});
    CHECK(size(wide, {.width = 800, .height = 300, .fit = Fit::outside}) == Size{800, 600});
}

TEST_CASE("fill takes the box's shape") {
    CHECK(size(wide, {.width = 300, .height = 900, .fit = Fit::fill}) == Size{300, 900});
}

TEST_CASE("contain frames the picture and cover cuts it") {
    CHECK(plan(wide, {.width = 800, .height = 800, .fit = Fit::contain}) ==
          Geometry{{800, 600}, {800, 800}});
    CHECK(plan(wide, {.width = 800, .height = 800, .fit = Fit::cover}) ==
          Geometry{{1067, 800}, {800, 800}});
}

TEST_CASE("nothing is enlarged unless asked") {
    CHECK(size(small, {.width = 800, .height = {}}) == small);
    CHECK(size(small, {.width = {}, .height = 800}) == small);
    CHECK(size(small, {.width = 200, .height = 200, .fit = Fit::inside}) == small);
    CHECK(size(small, {.width = 90, .height = 90, .fit = Fit::outside}) == small);
    CHECK(size(small, {.width = 40, .height = 90, .fit = Fit::fill}) == Size{40, 50});
    CHECK(plan(small, {.width = 200, .height = 200, .fit = Fit::contain}) ==
          Geometry{small, {200, 200}});
    CHECK(plan(small, {.width = 60, .height = 60, .fit = Fit::cover}) == Geometry{small, {60, 50}});
}

TEST_CASE("asked to, a picture is enlarged") {
    CHECK(size(small, {.width = 800, .height = {}, .enlarge = true}) == Size{800, 400});
    const auto fitted = [](Fit fit) {
        return plan(small, {.width = 200, .height = 200, .fit = fit, .enlarge = true});
    };
    CHECK(fitted(Fit::inside) == Geometry{{200, 100}, {200, 100}});
    CHECK(fitted(Fit::outside) == Geometry{{400, 200}, {400, 200}});
    CHECK(fitted(Fit::fill) == Geometry{{200, 200}, {200, 200}});
    CHECK(fitted(Fit::contain) == Geometry{{200, 100}, {200, 200}});
    CHECK(fitted(Fit::cover) == Geometry{{400, 200}, {200, 200}});
}

TEST_CASE("a result over the limits is rejected with the limit") {
    const auto refusal = [](Size picture, const Box& box) {
        const Result<Geometry> geometry = plan_geometry(picture, box);
        REQUIRE_FALSE(geometry.has_value());
        CHECK(geometry.error().code == ErrorCode::rejected);
        return geometry.error().message;
    };
    CHECK(refusal({100, 8000}, {.width = 800, .height = {}, .enlarge = true}) ==
          "the result would be 800x64000 pixels; each side may be at most 16384. "
          "Ask for a smaller width or height");
    CHECK(refusal(small, {.width = 12'000, .height = {}, .enlarge = true}).find("50 megapixels") !=
          std::string::npos);
    // Small once cut, but what it is cut from is not.
    const Box sliver{.width = 16'384, .height = 1, .fit = Fit::cover, .enlarge = true};
    CHECK(refusal({10, 10'000}, sliver).find("each side") != std::string::npos);
}

TEST_CASE("the decoder shrinks only where more than one step is left") {
    CHECK(decoder_shrink({2400, 1800}, {800, 600}) == 2);
    CHECK(decoder_shrink({2399, 1800}, {800, 600}) == 1);
    CHECK(decoder_shrink({4000, 3000}, {800, 600}) == 4);
    CHECK(decoder_shrink({3999, 3000}, {800, 600}) == 2);
    CHECK(decoder_shrink({7200, 5400}, {800, 600}) == 8);
    CHECK(decoder_shrink({8000, 600}, {800, 600}) == 1);
    CHECK(decoder_shrink({100, 50}, {800, 400}) == 1);
}

}  // namespace
}  // namespace penstock::worker::image
