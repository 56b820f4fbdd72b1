// The scheduler between a network, a journal and a clock that do what the walk wants.
//
// Connections stand for ROUTER's routing ids: the world gives them sessions as the broker's shell
// does, forgets those that the scheduler ends, and reports those that are gone when something is
// sent to them.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/core/scheduler.hpp"
#include "tests/unit/broker/core/random_walk/truth.hpp"

namespace penstock::broker::walk {

using namespace std::chrono_literals;

enum class Port { frontend, backend };
using Connection = std::uint64_t;
inline constexpr Connection no_connection = 0;
inline constexpr Epoch epoch{3};

// The task with this number of that producer.
[[nodiscard]] TaskId numbered_task(std::uint64_t producer, std::uint64_t number);

// Chance with a seed.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    // 0 to bound - 1. Requires: bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_.next() % bound; }
    [[nodiscard]] bool chance(std::uint64_t percent) { return below(100) < percent; }

  private:
    Random random_;
};

class World {
  public:
    World(const Settings& settings, std::uint64_t seed);

    [[nodiscard]] Connection open(Port port);
    // What was under way is lost; the broker notices when it sends something.
    void close(Connection connection);
    // Reaches the broker at once, and is followed by a turn.
    void send(Connection connection, protocol::Message message);
    // The oldest message that waits for this peer.
    [[nodiscard]] std::optional<protocol::Message> receive(Connection connection);
    // The broker gives the peer up, though its connection is fine: it read too slowly.
    void give_up_on(Connection connection);

    // Deadlines that come due fire, each at its time.
    void pass(Duration duration);
    // The journal makes this part of what it has accepted durable.
    void sync(std::uint64_t percent);

    // On a session of the walk itself.
    [[nodiscard]] protocol::Answer ask(protocol::Query query);
    [[nodiscard]] Truth& truth() { return truth_; }
    [[nodiscard]] Dice& dice() { return dice_; }
    // Whether finished tasks are forgotten so soon that the same id may run again.
    [[nodiscard]] bool forgets() const { return settings_.finished_tasks_max < 1'000; }

  private:
    void turn();
    void carry_out(Effects& effects);
    void deliver(const Outgoing& outgoing);
    void forget(SessionId session);

    struct Line {
        Port port = Port::frontend;
        SessionId session = no_session;  // none before the first message, and once forgotten
        bool open = false;
        std::deque<protocol::Message> inbox;
    };

    Settings settings_;
    Dice dice_;
    Instant now_;
    Scheduler scheduler_;
    Truth truth_;
    Sequence appended_ = 0;
    Sequence durable_ = 0;
    std::map<Connection, Line> lines_;
    std::map<SessionId, Connection> sessions_;
    SessionId last_session_ = no_session;
    Connection asker_ = no_connection;
};

}  // namespace penstock::broker::walk
