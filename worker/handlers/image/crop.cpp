#include <optional>
#include <string>

#include "worker/handlers/image/limits.hpp"
#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"
#include "worker/handlers/image/placement.hpp"

namespace penstock::worker::image {
namespace {

// A stretch of one side, and how messages name what gives it.
struct Stretch {
    std::string length_path;
    std::string start_path;
    int length = 1;
    int start = 0;
};

Stretch read_stretch(Arguments& arguments, std::string_view length, std::string_view start) {
    Stretch stretch{.length_path = arguments.path_of(length),
                    .start_path = arguments.path_of(start)};
    stretch.length = static_cast<int>(arguments.integer(length, {1, side_max}));
    return stretch;
}

Result<void> check_in(IntegerRange allowed, int value, const std::string& path, Size picture) {
    if (value >= allowed.min && value <= allowed.max) {
        return {};
    }
    return fail(ErrorCode::rejected, path + ": " + std::to_string(value) +
                                         " is out of range; allowed " + text_of(allowed) +
                                         " here, in a picture of " + std::to_string(picture.width) +
                                         "x" + std::to_string(picture.height) + " pixels");
}

Result<void> check_stretch(const Stretch& stretch, int side, Size picture) {
    return check_in({1, side}, stretch.length, stretch.length_path, picture).and_then([&] {
        return check_in({0, side - stretch.length}, stretch.start, stretch.start_path, picture);
    });
}

// The explicit corner or what else was asked for.
Placement read_placement(Arguments& arguments, Stretch& across, Stretch& down) {
    const std::optional<std::int64_t> left = arguments.optional_integer("left", {0, side_max - 1});
    const std::optional<std::int64_t> top = arguments.optional_integer("top", {0, side_max - 1});
    const std::optional<Placement> other = read_gravity_or_focus(arguments);
    if (!left && !top) {
        return other.value_or(Gravity{});
    }
    if (other) {
        arguments.reject(left ? "left" : "top", "not allowed together with gravity or focus");
    }
    across.start = static_cast<int>(left.value_or(0));
    down.start = static_cast<int>(top.value_or(0));
    return Corner{across.start, down.start};
}

}  // namespace

Operation read_crop(Arguments& arguments) {
    Stretch across = read_stretch(arguments, "width", "left");
    Stretch down = read_stretch(arguments, "height", "top");
    const Placement placement = read_placement(arguments, across, down);
    return [across, down, placement](Size picture) -> Result<Plan> {
        return check_stretch(across, picture.width, picture)
            .and_then([&] { return check_stretch(down, picture.height, picture); })
            .map([&] {
                const Size part{across.length, down.length};
                return Plan{picture, part, [part, placement](const vips::VImage& whole) {
                                return cut(whole, part, placement);
                            }};
            });
    };
}

// A part of the payload.
Result<Output> crop(const Input& input, Context& context) {
    return perform_alone(read_crop, input, context);
}

}  // namespace penstock::worker::image
