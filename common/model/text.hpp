// Text as it travels: UTF-8 (RFC 3629), cut and mended without tearing a character.
//
// Thread rule: free functions over values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock {

// Whether all of it is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);
// The longest beginning of at most `bytes_max` bytes that does not end inside a character.
[[nodiscard]] std::string_view beginning(std::string_view text, std::size_t bytes_max);
// The text with a question mark in the place of each byte that belongs to no character.
[[nodiscard]] std::string mended(std::string_view text);

}  // namespace penstock
