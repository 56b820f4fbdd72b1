#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/gaussian.hpp"
#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

// Unsharp masking: what a blur takes away is added, `amount` times. Alpha stays what it is.
VImage unsharp_masked(const VImage& picture, double sigma, double amount) {
    // The picture is gone through twice, and the blur may be far ahead.
    const VImage held = picture.copy_memory();
    const VImage masked = held + (held - gaussian(held, sigma)) * amount;
    const VImage levels = rounded(masked, held.format());
    if (!held.has_alpha()) {
        return levels;
    }
    const int alpha = held.bands() - 1;
    return levels.extract_band(0, VImage::option()->set("n", alpha))
        .bandjoin(held.extract_band(alpha))
        .copy(VImage::option()->set("interpretation", held.interpretation()));
}

}  // namespace

Operation read_sharpen(Arguments& arguments) {
    const double sigma = arguments.number("sigma", sigma_range, 1);
    const double amount = arguments.number("amount", {0, 10}, 1);
    return same_size(
        [sigma, amount](const VImage& picture) { return unsharp_masked(picture, sigma, amount); });
}

// The payload with its edges made stronger.
Result<Output> sharpen(const Input& input, Context& context) {
    return perform_alone(read_sharpen, input, context);
}

}  // namespace penstock::worker::image
