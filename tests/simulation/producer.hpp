// A producer: the real client core, and an application that remembers what it wants, whatever
// happens to its process. What producer/client does between sockets and the core is done here.
//
// Thread rule: one thread.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "producer/core/pending_requests.hpp"
#include "producer/core/pending_tasks.hpp"
#include "producer/core/session.hpp"
#include "tests/simulation/clock.hpp"
#include "tests/simulation/invariants/watch.hpp"
#include "tests/simulation/network.hpp"

namespace penstock::simulation {

// What all producers share: how much is left to be done.
struct Shared {
    std::uint64_t deeds_left = 0;
};

class Producer final : public Party {
  public:
    Producer(const Plan& plan, Agenda& agenda, Network& network, Watch& watch, Errands& errands,
             Shared& shared, std::size_t number, Chance chance);

    void happens(std::uint32_t what, std::uint64_t detail) override;

    // --- faults
    void kill();

    // From now on it only wants to hear of the ends of its tasks.
    void make_peace() { peace_ = true; }
    [[nodiscard]] bool is_content() const;
    // These errands, too.
    void want(const std::vector<ErrandNumber>& errands);
    [[nodiscard]] Line& line() { return line_; }
    // For people: whose end it has not heard of.
    [[nodiscard]] std::optional<ErrandNumber> missing() const;
    // What the client holds although everything is answered.
    [[nodiscard]] bool holds_nothing() const;

  private:
    enum What : std::uint32_t { starts, wakes, does_something };

    struct Want {
        bool confirmed = false;  // the application holds a receipt
        bool ended = false;
        bool has_result = false;
        TaskState end = TaskState::queued;
        std::uint32_t asks = 0;  // that have no answer yet and are about its end
        std::size_t bytes = 0;   // handed over and not yet released
    };
    // One ask: each of its tasks is to be answered once.
    struct Ask {
        client::Interest interest = client::Interest::result;
        std::map<ErrandNumber, int> open;
    };

    void start();
    void turn();
    void wake_when_due();
    void drive_session(TimePoint now);
    void lose_session(TimePoint now);
    void hear(protocol::Message message);
    void hear_refusal(const protocol::Refusal& refusal, TimePoint now);
    [[nodiscard]] bool send(protocol::Message message, TimePoint now);
    void send_effects(TimePoint now);
    void take_notices();
    void take(client::Notice notice);
    void take(const TaskResult& result, Want& want);
    void take(const Error& error, ErrandNumber number, Want& want);
    void take(const client::RequestNotice& notice);

    void do_something();
    void submit_new();
    void submit(const std::vector<ErrandNumber>& errands);
    void submit_alike(const std::vector<ErrandNumber>& errands);
    void await(const std::vector<ErrandNumber>& errands);
    void insist();
    [[nodiscard]] std::vector<ErrandNumber> some_of_mine();
    [[nodiscard]] client::Ticket open_ask(client::Interest interest,
                                          const std::vector<ErrandNumber>& errands);
    [[nodiscard]] TimePoint now() const { return clock_.at(agenda_.now()).steady; }

    const Plan& plan_;
    Agenda& agenda_;
    Watch& watch_;
    Errands& errands_;
    Shared& shared_;
    Chance chance_;
    Clock clock_;
    Line line_;

    // The process.
    std::optional<client::Session> session_;
    std::optional<client::PendingTasks> tasks_;
    std::optional<client::PendingRequests> requests_;
    client::PendingEffects task_effects_;
    client::RequestEffects request_effects_;
    std::map<client::Ticket, Ask> asks_;
    std::map<client::Ticket, ErrandNumber> cancels_;  // and queries: answered once
    std::size_t handed_over_ = 0;                     // and not released
    client::Ticket last_ticket_ = 0;
    Nanos wakes_at_ = 0;

    // The application's own disk.
    std::map<ErrandNumber, Want> wants_;
    std::vector<ErrandNumber> mine_;
    bool peace_ = false;
};

}  // namespace penstock::simulation
