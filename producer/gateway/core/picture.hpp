// The picture formats that come and go, and the names of results.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/ids.hpp"

namespace penstock::gateway {

enum class Picture : std::uint8_t { jpeg, png, webp };

// Bytes that tell a format.
inline constexpr std::size_t picture_head_bytes = 12;
// What a file is, by its first bytes and never by its name. The worker looks again; here it spares
// a task, and tells 415 from 422.
[[nodiscard]] std::optional<Picture> sniff_picture(ByteView head);

// "jpeg", the word in queries and arguments; "image/jpeg"; ".jpg".
[[nodiscard]] std::string_view word(Picture picture);
[[nodiscard]] std::string_view media_type(Picture picture);
[[nodiscard]] std::string_view extension(Picture picture);
// "jpg" is read, too.
[[nodiscard]] std::optional<Picture> picture_from_word(std::string_view text);

// "output-<task id>.jpg": unique, because the id is.
[[nodiscard]] std::string result_name(const TaskId& task, Picture picture);

// A strong validator of these bytes, with its quotes: equal bytes have equal tags.
[[nodiscard]] std::string entity_tag(ByteView bytes);
// Whether an If-None-Match has that tag, or is "*".
[[nodiscard]] bool matches_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace penstock::gateway
