// When to start again what died: at once the first time, later and later while it keeps dying
// without having done anything, and one process only while all of them do.
//
// Thread rule: values, used by the supervising thread. Pure: time is handed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "common/model/time.hpp"

namespace penstock::process {

struct RespawnLimits {
    // Waits before the second and later restarts of a streak: doubled from the first to the last.
    Duration delay_first = std::chrono::milliseconds(100);
    Duration delay_max = std::chrono::seconds(30);
    // A life this long ends the streak.
    Duration healthy_after = std::chrono::seconds(60);
    // More fruitless deaths than this within the window are a crash loop.
    std::size_t crashes_max = 10;
    Duration crash_window = std::chrono::minutes(5);
};

// What a life was good for. A death after useful work starts no streak: whoever kills working
// processes, or sends tasks that do, is stopped elsewhere, and the work has to go on.
enum class Life : unsigned char { useful, fruitless };

// The restarts of one process.
class RespawnDelay {
  public:
    explicit RespawnDelay(const RespawnLimits& limits = {}) : limits_(limits) {}

    // How long to wait before starting it again.
    [[nodiscard]] Duration after_death(Life life, Duration lived);

  private:
    RespawnLimits limits_;
    std::optional<Duration> next_;  // of the streak; nothing: start at once
};

// The fruitless deaths of a whole group of processes.
class CrashLoop {
  public:
    explicit CrashLoop(const RespawnLimits& limits = {}) : limits_(limits) {}

    void died(TimePoint now, Life life);
    // The canary lasts: the deaths so far count no more.
    void recovered() { crashes_.clear(); }
    // True: start one process only, as a canary, until this is false again.
    [[nodiscard]] bool degraded(TimePoint now);

  private:
    RespawnLimits limits_;
    std::deque<TimePoint> crashes_;  // oldest first, at most crashes_max + 1
};

}  // namespace penstock::process
