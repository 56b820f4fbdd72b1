// The front of every image handler.
//
// Thread rule: a free function over values.
#pragma once

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/image/decode.hpp"

namespace penstock::worker::image {

// Starts libvips if need be and opens the file that a producer sent. Everything that is wrong with
// its header is an error; nothing is thrown. `payload` must outlive the source.
[[nodiscard]] Result<Source> open_input(ByteView payload);

}  // namespace penstock::worker::image
