// A file's pixels for those who compute with them: the one header here that needs no libvips.
//
// Thread rule: a free function over values.
#pragma once

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/image/geometry.hpp"

namespace penstock::worker::image {

// The picture, upright and in sRGB, fitted to the box as image.resize does it: rows from the top,
// a byte each for red, green and blue. What is transparent becomes white. `fit` is contain, cover
// or fill, so that the result has exactly that size; small pictures are enlarged. A file that is no
// image, damaged or over a limit (limits.hpp) is ErrorCode::rejected.
[[nodiscard]] Result<SharedBytes> rgb_pixels(ByteView file, Size size, Fit fit);

}  // namespace penstock::worker::image
