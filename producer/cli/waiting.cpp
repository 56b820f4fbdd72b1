#include "producer/cli/waiting.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <poll.h>

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

// poll() counts in int milliseconds; longer waits come back and look again.
constexpr milliseconds longest_poll = std::chrono::hours(1);

int poll_timeout(const Waiting& waiting, TimePoint now) {
    milliseconds timeout = longest_poll;
    if (waiting.deadline) {
        timeout = std::min(timeout, std::chrono::ceil<milliseconds>(*waiting.deadline - now));
    }
    if (waiting.look_up > milliseconds::zero()) {
        timeout = std::min(timeout, waiting.look_up);
    }
    if (waiting.at_once) {
        timeout = milliseconds::zero();
    }
    return static_cast<int>(std::max(timeout, milliseconds::zero()).count());
}

}  // namespace

std::optional<TimePoint> deadline_of(const Globals& globals) {
    if (globals.timeout == milliseconds::zero()) {
        return std::nullopt;
    }
    return Instant::read().steady + globals.timeout;
}

Wake wait(const Waiting& waiting, const Interrupt& interrupt) {
    // Negative descriptors are skipped.
    std::array<pollfd, 3> watched{{{waiting.news, POLLIN, 0},
                                   {interrupt.descriptor(), POLLIN, 0},
                                   {waiting.input, POLLIN, 0}}};
    const int timeout = poll_timeout(waiting, Instant::read().steady);
    // A signal that ends the poll early has been noted by `interrupt`.
    static_cast<void>(::poll(watched.data(), watched.size(), timeout));
    if (interrupt.signal() != 0) {
        return Wake::interrupted;
    }
    const bool over = waiting.deadline && *waiting.deadline <= Instant::read().steady;
    return over ? Wake::timed_out : Wake::news;
}

}  // namespace penstock::cli
