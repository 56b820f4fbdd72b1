// Every operation, each in the file of its name; docs/HANDLERS.md has their options.
//
// Thread rule: free functions over values.
#pragma once

#include "worker/handlers/image/operation.hpp"

namespace penstock::worker::image {

[[nodiscard]] Operation read_blur(Arguments& arguments);
[[nodiscard]] Operation read_crop(Arguments& arguments);
[[nodiscard]] Operation read_grayscale(Arguments& arguments);
[[nodiscard]] Operation read_resize(Arguments& arguments);
[[nodiscard]] Operation read_rotate(Arguments& arguments);
[[nodiscard]] Operation read_sharpen(Arguments& arguments);

}  // namespace penstock::worker::image
