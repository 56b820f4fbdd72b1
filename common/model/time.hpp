// Time as the cores see it: handed in, never read.
//
// Thread rule: values. Only a shell calls Instant::read(), once per loop turn.
#pragma once

#include <chrono>
#include <cstdint>

namespace penstock {

using Duration = std::chrono::nanoseconds;
// A point on the monotonic clock of this process's machine and boot; never sent to another.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// One reading of both clocks. Deadlines use `steady`; `unix_ms` is for people.
struct Instant {
    TimePoint steady;
    std::int64_t unix_ms = 0;

    [[nodiscard]] static Instant read() {
        const auto wall = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()),
                std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
    }
};

}  // namespace penstock
