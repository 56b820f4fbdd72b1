// How a list is cut into tasks, and how the answers become one list again.
//
// Thread rule: free functions over values.
#pragma once

#include <cstddef>
#include <vector>

#include "common/protocol/value.hpp"

namespace penstock::cli {

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;

    friend bool operator==(const Range&, const Range&) = default;
};

// Cuts [0, count) into `chunks` ranges in order whose lengths differ by at most one; into fewer
// when there are fewer elements. Requires: chunks > 0.
[[nodiscard]] std::vector<Range> split(std::size_t count, std::size_t chunks);

// The answers of all chunks, in order, as one array: joined if every one is an array, otherwise
// one element per chunk.
[[nodiscard]] Value join(std::vector<Value> answers);

}  // namespace penstock::cli
