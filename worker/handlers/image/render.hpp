// Pixels to pixels: size, uprightness, colours and canvas.
//
// Thread rule: free functions over values. All throw vips::VError.
#pragma once

#include <vips/vips8>

#include "worker/handlers/image/geometry.hpp"

namespace penstock::worker::image {

// The picture at its new size, upright, with 8 bits per channel in sRGB or grey, perhaps alpha.
// `picture` may lie on its side; `scaled` is the size when it stands. The result is in memory
// where it had to be turned.
[[nodiscard]] vips::VImage scale_upright(const vips::VImage& picture, Size scaled);

// An upright picture of that size, in the colours it has.
[[nodiscard]] vips::VImage scale(const vips::VImage& picture, Size scaled);

// The picture centred on an opaque black canvas. Requires: the canvas is nowhere smaller.
[[nodiscard]] vips::VImage frame(const vips::VImage& picture, Size canvas);

}  // namespace penstock::worker::image
