// The blur that blurring and sharpening share.
//
// Thread rule: a free function over values.
#pragma once

#include <vips/vips8>

#include "worker/sdk/arguments.hpp"

namespace penstock::worker::image {

// Pixels, the standard deviation. Below, next to nothing would change; above, nothing would be
// left to see.
inline constexpr NumberRange sigma_range{0.3, 100};

// The picture under a Gaussian, in floating-point levels that are not rounded; beyond the edges the
// outermost pixels go on. Within two levels of the exact convolution, at a cost that does not
// grow with `sigma` beyond 4. Throws vips::VError.
[[nodiscard]] vips::VImage gaussian(const vips::VImage& picture, double sigma);

}  // namespace penstock::worker::image
