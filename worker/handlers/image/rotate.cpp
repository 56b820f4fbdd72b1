#include <cmath>
#include <numbers>
#include <vector>

#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/background.hpp"
#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

constexpr double quarter = 90;  // degrees

// A turn to the right, as the rows of its matrix: of cosines and sines.
struct Turn {
    double cosine = 1;
    double sine = 0;

    explicit Turn(double degrees)
        : cosine(std::cos(degrees / 180 * std::numbers::pi)),
          sine(std::sin(degrees / 180 * std::numbers::pi)) {}

    // The size of the upright box around a picture that is turned.
    [[nodiscard]] Size around(Size picture) const {
        // A hair of a pixel that is but a rounding error makes no room for a pixel.
        constexpr double hair = 1e-6;
        const auto side = [](double length) { return static_cast<int>(std::ceil(length - hair)); };
        return {
            side(picture.width * std::abs(cosine) + picture.height * std::abs(sine)),
            side(picture.width * std::abs(sine) + picture.height * std::abs(cosine)),
        };
    }
};

Operation quarter_turns(int quarters) {
    return [quarters](Size picture) -> Result<Plan> {
        const bool lies = quarters % 2 != 0;
        return Plan{picture, lies ? picture.turned() : picture, [quarters](const VImage& drawn) {
                        // VIPS_ANGLE_D0 to VIPS_ANGLE_D270 count quarters.
                        return quarters == 0
                                   ? drawn
                                   : drawn.copy_memory().rot(static_cast<VipsAngle>(quarters));
                    }};
    };
}

VImage turned(const VImage& picture, const Turn& turn, Background background) {
    const VImage able = able_to_show(picture, background).copy_memory();
    const Size size = turn.around({able.width(), able.height()});
    // Around the middle; what is in the middle of a pixel has whole coordinates.
    VImage mixed = mixed_by_alpha(able, [&](const VImage& weighed) {
        return weighed.affine({turn.cosine, -turn.sine, turn.sine, turn.cosine},
                              VImage::option()
                                  ->set("interpolate", vips::VInterpolate::new_from_name("bicubic"))
                                  ->set("oarea", std::vector<int>{0, 0, size.width, size.height})
                                  ->set("idx", -(able.width() - 1) / 2.0)
                                  ->set("idy", -(able.height() - 1) / 2.0)
                                  ->set("odx", (size.width - 1) / 2.0)
                                  ->set("ody", (size.height - 1) / 2.0)
                                  ->set("extend", VIPS_EXTEND_BACKGROUND)
                                  ->set("background", weighed_levels(background, able))
                                  ->set("premultiplied", true));
    });
    return rounded(mixed, able.format());
}

}  // namespace

Operation read_rotate(Arguments& arguments) {
    const double angle = arguments.number("angle", {-360, 360});
    const Background background = read_background(arguments, "background");
    const double degrees = std::fmod(angle + 360, 360);
    if (std::fmod(degrees, quarter) == 0) {
        return quarter_turns(static_cast<int>(degrees / quarter));
    }
    return [turn = Turn(degrees), background](Size picture) -> Result<Plan> {
        return Plan{picture, turn.around(picture), [turn, background](const VImage& drawn) {
                        return turned(drawn, turn, background);
                    }};
    };
}

// The payload, turned to the right.
Result<Output> rotate(const Input& input, Context& context) {
    return perform_alone(read_rotate, input, context);
}

}  // namespace penstock::worker::image
