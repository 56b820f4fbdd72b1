// What a command waits for, all at once: news from the socket thread, Ctrl-C, its deadline, and
// sometimes more input.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "common/model/time.hpp"
#include "producer/cli/interrupt.hpp"
#include "producer/cli/output.hpp"

namespace penstock::cli {

// How a wait went.
enum class Wake : std::uint8_t { news, interrupted, timed_out };

// When a wait that starts now is over; nothing: never.
[[nodiscard]] std::optional<TimePoint> deadline_of(const Globals& globals);

struct Waiting {
    int news = -1;   // readable when something has come
    int input = -1;  // readable when there is more input; -1: no input is waited for
    std::optional<TimePoint> deadline;
    // Looks up from the wait this often, to redraw; 0: no need.
    std::chrono::milliseconds look_up{0};
    bool at_once = false;  // only looks whether something has come
};

// `news` also when it was time to look up. With the other two there may be news as well: take them
// before leaving.
[[nodiscard]] Wake wait(const Waiting& waiting, const Interrupt& interrupt);

}  // namespace penstock::cli
