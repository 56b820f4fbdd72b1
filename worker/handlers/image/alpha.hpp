// Pictures that are transparent in places.
//
// Thread rule: free functions over values. All throw vips::VError.
#pragma once

#include <functional>
#include <vips/vips8>

namespace penstock::worker::image {

// Colours of transparent pixels must not bleed into visible ones: what mixes pixels is done to
// colours weighed by alpha, and the weight is taken off again. `mix` gets floating-point channels,
// and so is the result. A picture without alpha goes to `mix` as it is.
[[nodiscard]] vips::VImage mixed_by_alpha(
    const vips::VImage& picture, const std::function<vips::VImage(const vips::VImage&)>& mix);

// Each channel as the nearest level of that format, such as VIPS_FORMAT_UCHAR. Casting alone would
// cut the fraction off, and darken every picture by half a level.
[[nodiscard]] vips::VImage rounded(const vips::VImage& picture, VipsBandFormat format);

// The picture on white.
[[nodiscard]] vips::VImage without_alpha(const vips::VImage& picture);

}  // namespace penstock::worker::image
