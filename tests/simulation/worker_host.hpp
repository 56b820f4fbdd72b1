// A machine of workers: a supervisor that starts its processes again, and a reporter that tells the
// broker of their deaths until it has noted them.
//
// Thread rule: one thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tests/simulation/worker_process.hpp"
#include "worker/core/link.hpp"
#include "worker/core/obituaries.hpp"

namespace penstock::simulation {

class WorkerHost final : public Party, public Supervisor {
  public:
    WorkerHost(const Plan& plan, Agenda& agenda, Network& network, Watch& watch,
               std::uint32_t number, Chance chance);

    void happens(std::uint32_t what, std::uint64_t detail) override;

    // --- faults
    void kill_a_process();
    void kill_reporter();
    // Everything on it dies, and nobody is left to tell.
    void lose();
    void drain_a_process();
    void set_wall_clock(std::int64_t forward_ms) { clock_.set_wall(forward_ms); }

    // From now on all processes start, and offer everything.
    void make_peace();
    [[nodiscard]] bool has_told() const { return obituaries_.empty(); }
    [[nodiscard]] std::vector<std::unique_ptr<WorkerProcess>>& processes() { return processes_; }
    [[nodiscard]] Line& line() { return line_; }

  private:
    enum What : std::uint32_t { wakes, starts_process, starts_reporter };

    void process_died(protocol::Obituary obituary) override;
    [[nodiscard]] Instant clock() const override { return clock_.at(agenda_.now()); }
    [[nodiscard]] std::uint32_t next_pid() override { return ++last_pid_; }

    void restart_soon();
    void start_reporter();
    void turn();
    void hear(const protocol::Message& message);
    void tell_all();

    const Plan& plan_;
    Agenda& agenda_;
    Chance chance_;
    Clock clock_;
    Line line_;
    std::vector<std::unique_ptr<WorkerProcess>> processes_;
    std::uint32_t last_pid_;
    bool peace_ = false;

    // The reporter: its session, and what the supervisor keeps for it.
    std::optional<worker::Link> link_;
    worker::Obituaries obituaries_;
    std::uint64_t last_obituary_ = 0;
    Nanos wakes_at_ = 0;
};

}  // namespace penstock::simulation
