// One place for a worker process on its host: the real session core, and slots that pretend to run
// handlers. What worker/shell does between sockets, threads and the core is done here.
//
// Thread rule: one thread.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "tests/simulation/clock.hpp"
#include "tests/simulation/invariants/watch.hpp"
#include "tests/simulation/network.hpp"
#include "worker/core/session.hpp"

namespace penstock::simulation {

// Who starts processes again and tells of their deaths.
class Supervisor {
  public:
    Supervisor() = default;
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;
    virtual ~Supervisor() = default;
    virtual void process_died(protocol::Obituary obituary) = 0;
    [[nodiscard]] virtual Instant clock() const = 0;
    // An identity that nobody had before, and its number among them.
    [[nodiscard]] virtual std::uint32_t next_pid() = 0;
};

class WorkerProcess final : public Party {
  public:
    WorkerProcess(const Plan& plan, Agenda& agenda, Network& network, Watch& watch,
                  Supervisor& supervisor, const std::string& name, Chance chance);

    void happens(std::uint32_t what, std::uint64_t detail) override;

    // A new process, which offers every type or leaves some out.
    void start(bool knows_everything);
    // By force; the supervisor hears of it unless it dies with the host.
    void die(protocol::DeathCause cause);
    void vanish();
    // Leaves when everything is settled, or after so long.
    void drain(std::chrono::milliseconds timeout);
    // The same with all the time that it may take when everything works.
    void drain_in_peace();
    [[nodiscard]] bool is_up() const { return session_.has_value(); }
    [[nodiscard]] bool is_draining() const;
    [[nodiscard]] Line& line() { return line_; }

  private:
    enum What : std::uint32_t { wakes, picks_up, ends };

    struct Slot {
        SlotClass slot_class = SlotClass::cpu;
        std::deque<worker::Work> list;  // the first may be running
        bool running = false;
        std::uint32_t run = 0;  // counts them, so that a late end is void
        protocol::Fate fate = protocol::Fate::running;
        bool cancelled = false;
        TimePoint started;
    };

    void act();
    void carry_out(worker::Effect& effect);
    void carry_out(worker::HandOver& batch);
    void carry_out(const worker::TakeBack& request);
    void carry_out(const worker::Cancel& request);
    void carry_out(const worker::Kill& kill);
    void carry_out(const worker::Leave& leave);
    void send(protocol::Message message);
    void flush();
    void check(const protocol::Returned& returned) const;
    void hear(protocol::Message message);
    void pick_up_later(std::size_t slot);
    void pick_up(std::size_t slot);
    void end(std::size_t slot, std::uint32_t run);
    [[nodiscard]] std::optional<Error> verdict_of(const Errand& errand, const Slot& slot);
    [[nodiscard]] std::vector<protocol::StartedLease> started() const;
    void gone();
    void wake_when_due();
    [[nodiscard]] TimePoint now() const { return supervisor_.clock().steady; }
    [[nodiscard]] Nanos when(TimePoint due) const;

    const Plan& plan_;
    Agenda& agenda_;
    Watch& watch_;
    Supervisor& supervisor_;
    Chance chance_;
    Line line_;

    std::optional<worker::Session> session_;
    WorkerId id_;
    std::vector<Slot> slots_;
    std::deque<protocol::Message> unsent_;
    std::optional<TimePoint> drain_deadline_;
    bool peace_ = false;  // it drains in peace
    // Outcomes of the present epoch that have not been settled.
    std::multiset<ErrandNumber> unsettled_;
    Epoch unsettled_of_;
    Nanos wakes_at_ = 0;
};

}  // namespace penstock::simulation
