#include <array>
#include <optional>
#include <string_view>
#include <variant>

#include "worker/handlers/image/limits.hpp"
#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"
#include "worker/handlers/image/placement.hpp"
#include "worker/handlers/image/render.hpp"

namespace penstock::worker::image {
namespace {

constexpr int default_width = 800;

constexpr std::array fits{
    Choice<Fit>{"inside", Fit::inside},   Choice<Fit>{"outside", Fit::outside},
    Choice<Fit>{"contain", Fit::contain}, Choice<Fit>{"cover", Fit::cover},
    Choice<Fit>{"fill", Fit::fill},
};

std::optional<int> side(Arguments& arguments, std::string_view field) {
    const std::optional<std::int64_t> value = arguments.optional_integer(field, {1, side_max});
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

Box read_box(Arguments& arguments) {
    Box box;
    box.width = side(arguments, "width");
    box.height = side(arguments, "height");
    box.fit = arguments.choice("fit", fits, Fit::inside);
    box.enlarge = arguments.boolean("enlarge", false);
    if (!box.width && !box.height) {
        box.width = default_width;
    }
    return box;
}

}  // namespace

Operation read_resize(Arguments& arguments) {
    const Box box = read_box(arguments);
    const std::optional<Placement> placement = read_gravity_or_focus(arguments);
    if (placement && box.fit != Fit::cover) {
        arguments.reject(std::holds_alternative<Focus>(*placement) ? "focus" : "gravity",
                         "allowed only with fit cover");
    }
    return [box, placement = placement.value_or(Gravity{})](Size picture) {
        return plan_geometry(picture, box).map([&](const Geometry& geometry) {
            if (geometry.scaled == geometry.canvas) {
                return Plan{geometry.scaled, geometry.canvas, {}};
            }
            const auto put_on_canvas = [geometry, placement](const vips::VImage& scaled) {
                const Size kept = smaller_sides(geometry.scaled, geometry.canvas);
                return frame(cut(scaled, kept, placement), geometry.canvas);
            };
            return Plan{geometry.scaled, geometry.canvas, put_on_canvas};
        });
    };
}

// The payload, a JPEG, PNG or WebP file, made to fit.
Result<Output> resize(const Input& input, Context& context) {
    return perform_alone(read_resize, input, context);
}

}  // namespace penstock::worker::image
