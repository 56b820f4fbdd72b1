// The supervisor's side of its reporter: starts it, tells it of deaths until it confirms, and
// starts it again when it dies itself.
//
// Thread rule: used by the supervisor's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/model/time.hpp"
#include "common/process/respawn.hpp"
#include "common/process/spawn.hpp"
#include "worker/core/obituaries.hpp"

namespace penstock::worker {

class ReporterLink {
  public:
    // `command` starts the reporter but for its socket, which this adds.
    explicit ReporterLink(process::Command command);
    ~ReporterLink();
    ReporterLink(const ReporterLink&) = delete;
    ReporterLink& operator=(const ReporterLink&) = delete;

    void tell(protocol::Obituary obituary);
    // Starts what is due, passes on what was told, takes confirmations.
    void turn(TimePoint now);
    // True once everything told has been noted by the broker.
    [[nodiscard]] bool all_noted() const { return obituaries_.empty(); }
    // Readable when the reporter has something to say, or has died; -1 while it does not run.
    [[nodiscard]] int descriptor() const { return socket_; }
    [[nodiscard]] std::optional<pid_t> pid() const;
    // Asks it to end and waits at most `timeout`; then it is killed.
    void stop(std::chrono::milliseconds timeout);

  private:
    void start(TimePoint now);
    void bury(TimePoint now);
    void send_untold();
    void take_noted();
    void close_socket();

    process::Command command_;
    std::optional<process::Child> child_;
    int socket_ = -1;
    Obituaries obituaries_;
    process::RespawnDelay delay_;
    TimePoint started_{};
    TimePoint start_at_{};
};

}  // namespace penstock::worker
