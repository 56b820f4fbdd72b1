#include "worker/handlers/image/placement.hpp"

#include <array>

namespace penstock::worker::image {
namespace {

using vips::VImage;

// The words of sharp, imgproxy and the compass.
constexpr std::array gravities{
    Choice<std::optional<Gravity>>{"centre", Gravity{1, 1}},
    Choice<std::optional<Gravity>>{"north", Gravity{1, 0}},
    Choice<std::optional<Gravity>>{"northeast", Gravity{2, 0}},
    Choice<std::optional<Gravity>>{"east", Gravity{2, 1}},
    Choice<std::optional<Gravity>>{"southeast", Gravity{2, 2}},
    Choice<std::optional<Gravity>>{"south", Gravity{1, 2}},
    Choice<std::optional<Gravity>>{"southwest", Gravity{0, 2}},
    Choice<std::optional<Gravity>>{"west", Gravity{0, 1}},
    Choice<std::optional<Gravity>>{"northwest", Gravity{0, 0}},
};
constexpr std::array foci{
    Choice<std::optional<Focus>>{"attention", Focus::attention},
    Choice<std::optional<Focus>>{"entropy", Focus::entropy},
};

// How `part` is cut out of a picture in memory.
struct Scissors {
    VImage picture;
    Size part;

    VImage operator()(Gravity gravity) const {
        return (*this)(Corner{.left = (picture.width() - part.width) * gravity.across / 2,
                              .top = (picture.height() - part.height) * gravity.down / 2});
    }
    VImage operator()(Focus focus) const {
        const VipsInteresting interesting =
            focus == Focus::attention ? VIPS_INTERESTING_ATTENTION : VIPS_INTERESTING_ENTROPY;
        return picture.smartcrop(part.width, part.height,
                                 VImage::option()->set("interesting", interesting));
    }
    VImage operator()(Corner corner) const {
        return picture.extract_area(corner.left, corner.top, part.width, part.height);
    }
};

}  // namespace

std::optional<Placement> read_gravity_or_focus(Arguments& arguments) {
    const std::optional<Gravity> gravity = arguments.choice("gravity", gravities, {});
    const std::optional<Focus> focus = arguments.choice("focus", foci, {});
    if (gravity && focus) {
        arguments.reject("focus", "not allowed together with gravity");
    }
    if (focus) {
        return Placement(*focus);
    }
    return gravity ? std::optional<Placement>(*gravity) : std::nullopt;
}

vips::VImage cut(const vips::VImage& picture, Size part, const Placement& placement) {
    if (part == Size{picture.width(), picture.height()}) {
        return picture;
    }
    // In memory first: a file that ends within the rows cut off here is refused like any other.
    return std::visit(Scissors{picture.copy_memory(), part}, placement);
}

}  // namespace penstock::worker::image
