// Guesses what was meant by a word that nobody knows.
//
// Thread rule: a free function over values.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace penstock::worker {

// The known word that is at most two single-letter edits away, the nearest if there are several, or
// nothing. A view into `known`.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> known);

}  // namespace penstock::worker
