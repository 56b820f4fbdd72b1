#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/gaussian.hpp"
#include "worker/handlers/image/operations.hpp"
#include "worker/handlers/image/perform.hpp"

namespace penstock::worker::image {

Operation read_blur(Arguments& arguments) {
    const double sigma = arguments.number("sigma", sigma_range, 2);
    return same_size([sigma](const vips::VImage& picture) {
        return rounded(gaussian(picture, sigma), picture.format());
    });
}

// The payload under a Gaussian.
Result<Output> blur(const Input& input, Context& context) {
    return perform_alone(read_blur, input, context);
}

}  // namespace penstock::worker::image
