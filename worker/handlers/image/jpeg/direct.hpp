// The short way from a JPEG to a smaller JPEG: decoded, scaled and encoded component by component,
// without libvips, without a colour conversion and without a picture in between.
//
// Thread rule: free functions over values.
#pragma once

#include <optional>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/handlers/image/decode.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::image {

// The source as a JPEG file of that size, upright, without metadata; nothing if it has to go the
// long way: it is not in grey or YCbCr, has a colour profile, or the result would take too much
// memory. Errors: rejected if the file is damaged or ends early, cancelled, failed.
[[nodiscard]] Result<std::optional<SharedBytes>> scale_directly(const Source& source, Size scaled,
                                                                int quality, Context& context);

}  // namespace penstock::worker::image
