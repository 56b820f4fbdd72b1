// One program that `penstock up` keeps running: started again when it dies, later and later if it
// keeps dying; stopped with SIGTERM, and with SIGKILL when that takes too long.
//
// Thread rule: used by the thread that made it.
#pragma once

#include <optional>
#include <string>

#include "common/model/time.hpp"
#include "common/process/respawn.hpp"
#include "common/process/spawn.hpp"
#include "producer/cli/output.hpp"

namespace penstock::cli {

class Service {
  public:
    Service(process::Command command, const Output& output);

    // Collects a death, and starts the program when it is due. Call at every wake-up.
    void tend(TimePoint now);
    // When it is to be started; nothing while it runs or after stop().
    [[nodiscard]] std::optional<TimePoint> next_start() const { return start_at_; }
    // Readable when it has died; -1 while it does not run.
    [[nodiscard]] int descriptor() const { return child_ ? child_->descriptor() : -1; }
    [[nodiscard]] bool is_running() const { return child_.has_value(); }

    // Asks it to end, or makes it. It is not started again.
    void stop(int signal);

    // Set when the program refused to run at all: it left by itself, with this status, right
    // after its first start. Starting it again would only repeat its error.
    [[nodiscard]] std::optional<int> refusal() const { return refusal_; }

  private:
    void start(TimePoint now);
    void bury(const process::ChildEnd& end, TimePoint now);

    process::Command command_;
    std::string name_;
    const Output& output_;
    process::RespawnDelay delay_;
    std::optional<process::Child> child_;
    std::optional<TimePoint> start_at_;
    TimePoint started_;
    int starts_ = 0;
    bool stopping_ = false;
    std::optional<int> refusal_;
};

}  // namespace penstock::cli
