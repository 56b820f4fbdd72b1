// Text as the source of a manual page: roff with the macros of man(7).
//
// Thread rule: free functions over values.
#pragma once

#include <string>
#include <string_view>

namespace penstock::process {

// Text that comes out as it stands, whatever roff would make of its characters. The result is
// ASCII on one line, and may stand at the beginning of a line or in a macro's argument.
// Requires: UTF-8; what is none, comes out as a question mark.
[[nodiscard]] std::string roff_text(std::string_view text);

// The same in a font. An empty text stays empty.
[[nodiscard]] std::string roff_bold(std::string_view text);
[[nodiscard]] std::string roff_italic(std::string_view text);

// Lines as they stand, indented and never filled. The result ends a line.
[[nodiscard]] std::string roff_literal(const std::string& lines);

}  // namespace penstock::process
