// The broker's machine: a disk that outlives the broker, and one life of the broker after another.
// What broker/shell does between sockets, journal and scheduler is done here between the simulated
// ones.
//
// Thread rule: one thread.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

#include "broker/store/broker_life.hpp"
#include "tests/simulation/clock.hpp"
#include "tests/simulation/invariants/watch.hpp"
#include "tests/simulation/journal.hpp"
#include "tests/simulation/network.hpp"

namespace penstock::simulation {

class BrokerHost final : public Party {
  public:
    BrokerHost(const Plan& plan, Agenda& agenda, Network& network, Watch& watch, Chance chance);

    void happens(std::uint32_t what, std::uint64_t detail) override;

    // --- faults
    void kill();
    void cut_power();
    void set_wall_clock(std::int64_t forward_ms);
    void give_up_on_somebody();
    void fail_a_sync();
    void fill_disk(Nanos until);
    void slow_disk(Nanos each, Nanos until);
    // From now on it starts when it is to start, and the disk works.
    void make_peace();

    [[nodiscard]] bool is_up() const { return life_ != nullptr; }
    [[nodiscard]] bool is_idle() const {
        return is_up() && !journal_->has_work() && !journal_->wants_flush();
    }
    // Turns until nothing more follows. Requires: is_up().
    void settle();
    // A question of somebody who watches; not told to the watch. Nothing if the broker dies of it.
    // Requires: is_up().
    [[nodiscard]] protocol::Answer ask(protocol::Query query);
    template <typename Row>
    [[nodiscard]] std::vector<Row> ask_all(protocol::QueryKind what);
    // For somebody who watches. Requires: is_up().
    void submit(protocol::Submit submit);
    [[nodiscard]] const Journal& journal() const { return *journal_; }
    [[nodiscard]] Instant now() const { return clock_.at(agenda_.now()); }

  private:
    enum What : std::uint32_t { starts, turns, disk_works, disk_has_room };

    void start();
    void begin();
    void die(bool power);
    void check_reserve(const Error& error);
    void cut_power_within(std::uint64_t operations);
    void start_later();
    void receive(ConnectionId id);
    void turn();
    void finish_disk_work();
    void look_at_disk();
    void make_room();
    void turn_soon();
    void wake_when_due();
    void carry_out(broker::Effects& effects);
    void work_on_disk();
    void start_disk();
    [[nodiscard]] broker::SessionId session_of(ConnectionId id);

    const Plan& plan_;
    Agenda& agenda_;
    Network& network_;
    Watch& watch_;
    Chance chance_;
    std::int64_t drift_;
    Clock clock_;
    std::int64_t latest_unix_ms_ = first_unix_ms;  // that it has shown before it was set back
    Disk disk_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<broker::BrokerLife> broker_;
    broker::BrokerLife* life_ = nullptr;  // while it serves

    std::vector<ConnectionId> connections_;  // by session
    std::vector<broker::BackendMessage> obituaries_;
    std::vector<protocol::Message> answers_;
    broker::SessionId asker_ = broker::no_session;
    broker::DiskReport reported_;
    bool turn_is_due_ = false;
    bool did_something_ = false;  // in the last turn
    bool disk_is_busy_ = false;
    Nanos wakes_at_ = 0;
    Nanos disk_time_ = 0;
    Nanos disk_slow_until_ = 0;
    Nanos disk_slow_each_ = 0;
    bool power_goes_ = false;  // soon: the disk is to fail in the middle of something
    bool peace_ = false;
};

template <typename Row>
std::vector<Row> BrokerHost::ask_all(protocol::QueryKind what) {
    std::vector<Row> all;
    protocol::Query query;
    query.what = what;
    do {
        protocol::Answer answer = ask(query);
        if (auto* const rows = std::get_if<std::vector<Row>>(&answer.rows)) {
            std::ranges::move(*rows, std::back_inserter(all));
        }
        query.cursor = answer.next_cursor;
    } while (query.cursor != 0);
    return all;
}

}  // namespace penstock::simulation
