#include "broker/core/retry_policy.hpp"

#include <algorithm>

#include "common/model/assert.hpp"

namespace penstock::broker {

std::chrono::nanoseconds retry_delay(const TaskOptions& options, std::uint32_t charged,
                                     std::uint64_t random) {
    PENSTOCK_ASSERT(charged >= 1);
    std::chrono::nanoseconds wait = options.backoff_base;
    const std::chrono::nanoseconds longest = options.backoff_max;
    for (std::uint32_t n = 1; n < charged && wait < longest && wait.count() > 0; ++n) {
        wait *= 2;
    }
    wait = std::min(wait, longest);
    const auto half = static_cast<std::uint64_t>(wait.count() / 2);
    const std::uint64_t off = half == 0 ? 0 : random % (half + 1);
    return wait - std::chrono::nanoseconds(static_cast<std::int64_t>(off));
}

std::uint64_t Random::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

}  // namespace penstock::broker
