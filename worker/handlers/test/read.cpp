#include <array>
#include <cstring>

#include "worker/sdk/handler.hpp"

namespace penstock::worker::test {

// Reads its payload once, as fast as memory gives it, and tells the sum of its 64-bit words (what
// is left at the end counts as one more, filled with zeros): for measuring what it costs to get a
// large payload to where it is used.
Result<Output> read(const Input& input, Context& /*context*/) {
    constexpr std::size_t lanes = 4;
    std::array<std::uint64_t, lanes> sums{};
    const std::byte* next = input.payload.data();
    std::size_t left = input.payload.size();
    for (; left >= sizeof sums; left -= sizeof sums, next += sizeof sums) {
        std::array<std::uint64_t, lanes> words;
        std::memcpy(words.data(), next, sizeof words);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            sums[lane] += words[lane];
        }
    }
    std::array<std::uint64_t, lanes> words{};
    if (left > 0) {
        std::memcpy(words.data(), next, left);
    }
    std::uint64_t sum = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum += sums[lane] + words[lane];
    }
    return Output{{{"sum", sum}}, {}};
}

}  // namespace penstock::worker::test
