// The parent of the worker processes: starts one per usable core, starts again what dies, tells
// the reporter of every death at once, kills what hangs, and ends them all in order. It has no
// ZeroMQ context, no threads and next to no state, so that it does not die itself.
//
// Thread rule: made and run by the first thread of the program, which must not end before it: its
// children die with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/model/time.hpp"
#include "common/process/respawn.hpp"
#include "common/process/shutdown.hpp"
#include "common/process/spawn.hpp"
#include "worker/core/beat_watch.hpp"
#include "worker/shell/config.hpp"
#include "worker/shell/death.hpp"
#include "worker/shell/last_words.hpp"
#include "worker/shell/reporter_link.hpp"
#include "worker/shell/slot_page.hpp"

namespace penstock::worker {

class Supervisor {
  public:
    // `arguments` are the program's own: the children get them, too, so that they read the same
    // configuration.
    Supervisor(const Config& config, std::vector<std::string> arguments, SlotPage page);

    // Until SIGTERM or SIGINT: drains then, and returns when all have ended. A second signal gives
    // the tasks back at once, a third one kills. Exit code: ok, or error if something had to be
    // killed.
    [[nodiscard]] process::ExitCode run(process::SignalQueue& signals);

  private:
    struct Worker {
        std::optional<process::Child> child;
        std::optional<LastWords> words;  // what the child writes to stderr
        process::RespawnDelay delay;
        TimePoint started{};
        TimePoint start_at{};
        bool killed_as_stuck = false;
    };
    enum class Phase : unsigned char { running, draining, leaving };

    [[nodiscard]] process::Command command(Role role, std::size_t number) const;
    void take_signals(process::SignalQueue& signals, TimePoint now);
    void keep_deadline(TimePoint now);
    void pass_on_words();
    void reap(TimePoint now);
    void bury(std::size_t number, const process::ChildEnd& end, TimePoint now);
    void watch(TimePoint now);
    void end_crash_loop(TimePoint now);
    void start_due(TimePoint now);
    void start(std::size_t number, TimePoint now);
    [[nodiscard]] Result<process::Child> spawn_process(std::size_t number);
    void signal_all(int number);
    void kill_all();
    void wait(process::SignalQueue& signals, TimePoint now);
    void finish(process::SignalQueue& signals);
    [[nodiscard]] bool any_alive() const;

    Config config_;
    std::vector<std::string> arguments_;
    SlotPage page_;
    std::vector<Worker> workers_;
    ReporterLink reporter_;
    BeatWatch beat_watch_;
    OomWatch oom_watch_;
    process::CrashLoop crash_loop_;
    bool degraded_ = false;
    TimePoint degraded_since_{};
    std::uint64_t deaths_ = 0;
    Phase phase_ = Phase::running;
    TimePoint deadline_{};  // of every phase but running
    bool forced_ = false;
    bool words_wait_ = false;  // for somebody to read our stderr
};

}  // namespace penstock::worker
