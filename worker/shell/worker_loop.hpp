// The socket thread of a worker process: drains everything that has arrived, lets the session
// decide, acts, sends. It never runs a handler, so that no handler can block its heartbeats.
//
// Thread rule: made and run by one thread, the first of the process.
#pragma once

#include "common/process/shutdown.hpp"
#include "common/shm/session_memory.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"
#include "worker/core/session.hpp"
#include "worker/sdk/catalog.hpp"
#include "worker/shell/broker_line.hpp"
#include "worker/shell/config.hpp"
#include "worker/shell/slot_page.hpp"
#include "worker/shell/thread_pool.hpp"

namespace penstock::worker {

class WorkerLoop {
  public:
    // Joins under a new identity. Requires: `catalog`, `context` and `mark` outlive the loop.
    WorkerLoop(const Config& config, const Catalog& catalog, transport::Context& context,
               ProcessMark& mark);

    // Serves until told to stop (SIGTERM or SIGINT drains, a second one leaves at once), or until
    // it cannot work at all. If a handler still runs then, it ends the process and does not return.
    [[nodiscard]] process::ExitCode run(process::SignalQueue& signals);

  private:
    WorkerLoop(const Config& config, const SessionSettings& settings, const Catalog& catalog,
               transport::Context& context, ProcessMark& mark);

    void take_signals(process::SignalQueue& signals, TimePoint now);
    void take_messages(TimePoint now);
    void take_finished(TimePoint now);
    void take_progress(TimePoint now);
    void note_memory();
    // On a slot's thread.
    [[nodiscard]] Result<Body> run_here(const Catalog& catalog, const Work& work,
                                        Context& attempt) const;
    void act(TimePoint now);
    void carry_out(Effect& effect, TimePoint now);
    // Returns only if none of them is running.
    void end_by_force(std::vector<Doomed> doomed, TimePoint now);
    void note_stage();
    void wait(process::SignalQueue& signals);
    [[nodiscard]] process::ExitCode leave();

    Config config_;
    ProcessMark& mark_;
    Session session_;
    shm::SessionMemory memory_;
    ThreadPool pool_;
    BrokerLine line_;
    transport::Poller poller_;
    TimePoint next_progress_{};
    std::optional<Leave> leave_;
    Stage stage_ = Stage::joining;
};

}  // namespace penstock::worker
