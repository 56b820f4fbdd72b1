// Colours as every screen and program understands them.
//
// Thread rule: a free function over values. Throws vips::VError.
#pragma once

#include <vips/vips8>

namespace penstock::worker::image {

// The picture with 8 bits per channel in sRGB (or grey, if it was grey without a profile), so that
// it looks the same once its profile is stripped. A profile that is damaged or for another colour
// space counts as none.
[[nodiscard]] vips::VImage to_srgb(const vips::VImage& picture);

}  // namespace penstock::worker::image
