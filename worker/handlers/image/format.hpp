// The file formats that are read and written, told apart by their first bytes and never by a name.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock::worker::image {

enum class Format : std::uint8_t { jpeg, png, webp };

// "jpeg", "png" or "webp".
[[nodiscard]] std::string_view name(Format format);
// The format of a file. Anything else is ErrorCode::rejected, with the first bytes in the message.
[[nodiscard]] Result<Format> sniff(ByteView file);

}  // namespace penstock::worker::image
