// Tells which worker process hangs: its socket thread counts its turns, and the count stands still.
// A watcher that stood still itself (stopped, frozen, starved) blames nobody for the time it
// missed.
//
// Thread rule: owned by one thread. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/model/time.hpp"

namespace penstock::worker {

class BeatWatch {
  public:
    // Who does not turn for so long hangs: a socket thread turns every second when idle.
    static constexpr std::chrono::seconds stuck_after{30};
    // The watcher looks every second; a gap this long is a pause of its own.
    static constexpr std::chrono::seconds own_pause{5};

    explicit BeatWatch(std::size_t processes) : seen_(processes) {}

    // Process `number` begins a life, with no beats.
    void started(std::size_t number, TimePoint now) { seen_.at(number) = {0, now}; }
    // Begins a round of is_stuck(). Call it every second, or more often.
    void look(TimePoint now);
    // Whether the process hangs, which has counted so many beats by now.
    [[nodiscard]] bool is_stuck(std::size_t number, std::uint64_t beats, TimePoint now);

  private:
    struct Seen {
        std::uint64_t beats = 0;
        TimePoint since{};  // when they were first seen
    };
    std::vector<Seen> seen_;
    TimePoint last_look_{};
};

}  // namespace penstock::worker
