#include "worker/sdk/spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace penstock::worker {
namespace {

// Single-letter edits between two words (Levenshtein).
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known) {
    constexpr std::size_t edits_max = 2;
    constexpr std::size_t length_max = 64;
    if (word.size() > length_max) {
        return std::nullopt;
    }
    std::optional<std::string_view> best;
    std::size_t fewest = edits_max + 1;
    for (const std::string_view candidate : known) {
        const std::size_t edits = edits_between(word, candidate);
        if (edits < fewest && edits < candidate.size()) {
            fewest = edits;
            best = candidate;
        }
    }
    return best;
}

}  // namespace penstock::worker
