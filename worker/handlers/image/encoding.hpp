// In which format, and how well, a producer wants the picture back.
//
// Thread rule: values.
#pragma once

#include "worker/handlers/image/format.hpp"
#include "worker/sdk/arguments.hpp"

namespace penstock::worker::image {

struct Encoding {
    Format format = Format::jpeg;
    int quality = 80;  // 1 to 100, for JPEG and WebP
};

// The fields "quality" and "format". Does not end the reading.
[[nodiscard]] Encoding read_encoding(Arguments& arguments);

}  // namespace penstock::worker::image
