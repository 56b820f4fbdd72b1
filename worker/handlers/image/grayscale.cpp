#include <vector>

#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

// What red, green and blue add to the luminance, in linear light (ITU-R BT.709-6, 3.2). Said here,
// since those of libvips 8.14 are other ones than those of 8.16.
constexpr double red = 0.2126;
constexpr double green = 0.7152;
constexpr double blue = 0.0722;

// Each channel becomes the luminance; alpha, the fourth, stays.
VImage luminance(const VImage& linear) {
    std::vector<double> weights{red, green, blue, red, green, blue, red, green, blue};
    if (linear.bands() > 3) {
        weights = {red, green, blue, 0, red, green, blue, 0, red, green, blue, 0, 0, 0, 0, 1};
    }
    const int side = linear.bands();
    const VImage matrix =
        VImage::new_matrix(side, side, weights.data(), static_cast<int>(weights.size()));
    return linear.recomb(matrix).copy(
        VImage::option()->set("interpretation", VIPS_INTERPRETATION_scRGB));
}

VImage without_colours(const VImage& picture) {
    constexpr int colour_bands_min = 3;
    if (picture.bands() < colour_bands_min) {
        return picture.colourspace(VIPS_INTERPRETATION_B_W);
    }
    return luminance(picture.colourspace(VIPS_INTERPRETATION_scRGB))
        .colourspace(VIPS_INTERPRETATION_B_W);
}

}  // namespace

Operation read_grayscale(Arguments& /*arguments*/) {
    return same_size(without_colours);
}

// The payload without its colours; one channel, and alpha if it had it.
Result<Output> grayscale(const Input& input, Context& context) {
    return perform_alone(read_grayscale, input, context);
}

}  // namespace penstock::worker::image
