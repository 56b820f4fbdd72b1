// Bytes inside JSON: Base64 (RFC 4648, section 4).
//
// Thread rule: a free function over values.
#pragma once

#include <string>

#include "common/model/bytes.hpp"

namespace penstock::cli {

[[nodiscard]] std::string base64(ByteView bytes);

}  // namespace penstock::cli
