// Images in, images out. See README.md beside this file for the arguments and the defaults.
//
// Thread rule: as in handler.hpp; several threads of one process may work on images at once.
#pragma once

#include "worker/handlers/handler.hpp"

namespace penstock::worker::image {

// The payload, a JPEG, PNG or WebP file, made to fit. Gives the new file as payload and, as value,
// {"width", "height", "format", "bytes", "input_width", "input_height", "input_format"}; the
// input's sides are those of the stored pixels, before they are turned upright.
[[nodiscard]] Result<Output> resize(const Input& input, Context& context);

}  // namespace penstock::worker::image
