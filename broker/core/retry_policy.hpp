// A failure -> how long to wait before the next attempt. Exponential, with jitter so that tasks
// that failed together do not come back together.
//
// Thread rule: pure functions over values.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/model/task.hpp"

namespace penstock::broker {

// The wait after `charged` failed attempts (1 or more): base * 2^(charged - 1), at most max, minus
// up to half of it, as `random` (64 uniform bits) decides. Requires: options with base and max set.
[[nodiscard]] std::chrono::nanoseconds retry_delay(const TaskOptions& options,
                                                   std::uint32_t charged, std::uint64_t random);

// A small seeded generator (SplitMix64, Steele, Lea and Flood 2014): leases' nonces and jitter.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    [[nodiscard]] std::uint64_t next();

  private:
    std::uint64_t state_;
};

}  // namespace penstock::broker
