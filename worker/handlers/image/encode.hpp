// Pixels to a file's bytes.
//
// Thread rule: a free function over values.
#pragma once

#include <vips/vips8>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/image/format.hpp"
#include "worker/handlers/image/geometry.hpp"

namespace penstock::worker::image {

// A picture of that size, within the limits for all pictures, may still be too large for the format
// it is to be written in (limits.hpp): ErrorCode::rejected.
[[nodiscard]] Result<void> check_encodable(Size picture, Format format);

// The picture as a file without metadata. `quality`, 1 to 100, is for JPEG and WebP; PNG is
// lossless. Runs the whole pipeline behind the picture, so this is where a damaged input shows, as
// a vips::VError.
[[nodiscard]] SharedBytes encode(const vips::VImage& picture, Format format, int quality);

}  // namespace penstock::worker::image
