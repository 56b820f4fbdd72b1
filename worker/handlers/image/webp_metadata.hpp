// Strips a WebP file, because libvips 8.14 writes an EXIF block even when told not to
// (libvips issue 3340).
//
// Thread rule: a free function over values.
#pragma once

#include "common/model/bytes.hpp"

namespace penstock::worker::image {

// The same picture without EXIF, XMP and colour profile. What is no well-formed WebP file, or has
// nothing to strip, comes back as it is.
[[nodiscard]] SharedBytes without_webp_metadata(const SharedBytes& webp);

}  // namespace penstock::worker::image
