// Counts the scans of a JPEG file without decoding it.
//
// Thread rule: a free function over values.
#pragma once

#include "common/model/bytes.hpp"

namespace penstock::worker::image {

// The number of start-of-scan segments up to the end of the image or of the bytes.
[[nodiscard]] int count_jpeg_scans(ByteView jpeg);

}  // namespace penstock::worker::image
