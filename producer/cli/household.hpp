// What `penstock up` keeps running together, and its orderly end.
//
// Thread rule: used by the thread that made it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/process/shutdown.hpp"
#include "producer/cli/service.hpp"

namespace penstock::cli {

class Household {
  public:
    Household(process::SignalQueue& signals, const Output& output)
        : signals_(signals), output_(output) {}

    // One more program. At the end they are stopped in the order in which they were added, each
    // with SIGTERM, and with SIGKILL after `stop_timeout`; the others run on meanwhile.
    void add(process::Command command, std::chrono::milliseconds stop_timeout);

    // Until a signal comes or a program refuses to run; the exit status. A second signal stops all
    // at once.
    int run();

  private:
    struct Member {
        Service service;
        std::chrono::milliseconds stop_timeout;
    };

    void tend();
    [[nodiscard]] std::optional<int> refusal() const;
    [[nodiscard]] std::optional<TimePoint> earliest_start() const;
    void stop(Member& member);
    void wait(std::optional<TimePoint> until);

    process::SignalQueue& signals_;
    const Output& output_;
    std::vector<Member> members_;
    bool stop_asked_ = false;
    bool hurry_ = false;
};

}  // namespace penstock::cli
