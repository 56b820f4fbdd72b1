// Whose fault it is that no picture came out: the file's, or that of what is done with it.
//
// Thread rule: free functions over values.
#pragma once

#include <vips/vips8>

#include "common/model/error.hpp"
#include "worker/handlers/image/decode.hpp"

namespace penstock::worker::image {

// The error for a header that cannot be read.
[[nodiscard]] Error header_fault(const vips::VError& error);

// The error for a file whose header is sound and that was not brought to a new picture. Decodes it
// once more to tell: only an image that does not decode by itself is called damaged. The file must
// still be there.
[[nodiscard]] Error render_fault(const vips::VError& error, const Source& source);

}  // namespace penstock::worker::image
