// What is run, and what one run came to.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/model/time.hpp"

namespace penstock::bench {

// Both sides have so many processes that work.
inline constexpr unsigned worker_processes = 2;

// An answer that takes longer than this is missing.
inline constexpr std::chrono::seconds patience{30};

struct Load {
    std::size_t window = 1;    // tasks on their way at once
    std::size_t per_call = 1;  // tasks per submit; 1: each by itself
    Duration duration{0};      // how long new ones are sent; then the rest is waited for
    double dead_per_s = 0;     // tasks among them that must end as dead; they are no answers
    // What is timed besides: nothing, the receipt of each call, or each task.
    enum class Measure : std::uint8_t { rate, receipts, ends };
    Measure measure = Measure::rate;
};

struct Measured {
    std::uint64_t answers = 0;         // right ones
    std::uint64_t faults = 0;          // wrong, missing or repeated ones
    Duration elapsed{0};               // from the first task to the last answer
    std::vector<double> latencies_us;  // where they are asked for

    [[nodiscard]] double per_second() const {
        return static_cast<double>(answers) / std::chrono::duration<double>(elapsed).count();
    }
};

[[nodiscard]] inline TimePoint steady_now() {
    return Instant::read().steady;
}

[[nodiscard]] inline double microseconds_since(TimePoint start) {
    return std::chrono::duration<double, std::micro>(steady_now() - start).count();
}

}  // namespace penstock::bench
