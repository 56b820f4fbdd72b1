#include "producer/cli/chunks.hpp"

#include <algorithm>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::cli {

std::vector<Range> split(std::size_t count, std::size_t chunks) {
    PENSTOCK_ASSERT(chunks > 0);
    const std::size_t pieces = std::min(count, chunks);
    std::vector<Range> ranges;
    ranges.reserve(pieces);
    std::size_t begin = 0;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        const std::size_t length = count / pieces + (piece < count % pieces ? 1 : 0);
        ranges.push_back({begin, begin + length});
        begin += length;
    }
    return ranges;
}

Value join(std::vector<Value> answers) {
    Value whole = Value::array();
    const bool all_arrays =
        std::ranges::all_of(answers, [](const Value& answer) { return answer.is_array(); });
    for (Value& answer : answers) {
        if (!all_arrays) {
            whole.push_back(std::move(answer));
            continue;
        }
        for (Value& element : answer) {
            whole.push_back(std::move(element));
        }
    }
    return whole;
}

}  // namespace penstock::cli
