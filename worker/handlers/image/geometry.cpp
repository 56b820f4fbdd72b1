#include "worker/handlers/image/geometry.hpp"

#include <algorithm>
#include <string>

#include "common/model/assert.hpp"
#include "worker/handlers/image/limits.hpp"

namespace penstock::worker::image {
namespace {

// `side * numerator / denominator`, rounded, and never nothing.
int scaled_side(int side, int numerator, int denominator) {
    const std::int64_t product = std::int64_t{side} * numerator;
    return static_cast<int>(std::max<std::int64_t>(1, (product + denominator / 2) / denominator));
}

Size with_width(Size picture, int width) {
    return {width, scaled_side(picture.height, width, picture.width)};
}
Size with_height(Size picture, int height) {
    return {scaled_side(picture.width, height, picture.height), height};
}

// The picture in its own shape, in or around the two sides of `box`.
Size scaled_in_shape(Size picture, Size box, bool around) {
    const bool width_is_tighter =
        std::int64_t{box.width} * picture.height <= std::int64_t{box.height} * picture.width;
    return width_is_tighter != around ? with_width(picture, box.width)
                                      : with_height(picture, box.height);
}

// Scaling in shape enlarges both sides or none; rounding may hide it on one of them.
bool enlarges(Size picture, Size scaled) {
    return scaled.width > picture.width || scaled.height > picture.height;
}

Geometry plan_two_sides(Size picture, Size box, Fit fit, bool enlarge) {
    if (fit == Fit::fill) {
        const Size scaled = enlarge ? box : smaller_sides(box, picture);
        return {scaled, scaled};
    }
    const bool around = fit == Fit::cover || fit == Fit::outside;
    Size scaled = scaled_in_shape(picture, box, around);
    if (!enlarge && enlarges(picture, scaled)) {
        scaled = picture;
    }
    switch (fit) {
        case Fit::contain: return {scaled, box};
        case Fit::cover: return {scaled, smaller_sides(box, scaled)};
        case Fit::inside:
        case Fit::outside:
        case Fit::fill: break;
    }
    return {scaled, scaled};
}

Geometry plan_one_side(Size picture, const Box& box) {
    Size scaled = box.width ? with_width(picture, *box.width) : with_height(picture, *box.height);
    if (!box.enlarge && enlarges(picture, scaled)) {
        scaled = picture;
    }
    return {scaled, scaled};
}

}  // namespace

Size smaller_sides(Size a, Size b) {
    return {std::min(a.width, b.width), std::min(a.height, b.height)};
}

Result<void> check_result_size(Size size) {
    const std::string would_be = "the result would be " + std::to_string(size.width) + "x" +
                                 std::to_string(size.height) + " pixels; ";
    if (size.width > side_max || size.height > side_max) {
        return fail(ErrorCode::rejected, would_be + "each side may be at most " +
                                             std::to_string(side_max) +
                                             ". Ask for a smaller width or height");
    }
    if (size.pixels() > pixels_max) {
        return fail(ErrorCode::rejected, would_be + "at most " +
                                             std::to_string(pixels_max / 1'000'000) +
                                             " megapixels are made. Ask for a smaller size");
    }
    return {};
}

Result<Geometry> plan_geometry(Size picture, const Box& box) {
    PENSTOCK_ASSERT(box.width || box.height);
    const Geometry geometry =
        box.width && box.height
            ? plan_two_sides(picture, {*box.width, *box.height}, box.fit, box.enlarge)
            : plan_one_side(picture, box);
    for (const Size size : {geometry.scaled, geometry.canvas}) {
        if (const Result<void> checked = check_result_size(size); !checked) {
            return tl::unexpected(checked.error());
        }
    }
    return geometry;
}

int decoder_shrink(Size stored, Size scaled) {
    for (const int shrink : {8, 4, 2}) {
        const std::int64_t least = shrink + 1;
        if (stored.width >= least * scaled.width && stored.height >= least * scaled.height) {
            return shrink;
        }
    }
    return 1;
}

}  // namespace penstock::worker::image
