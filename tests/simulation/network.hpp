// The network between the broker and its peers. Messages of one connection arrive in order or not
// at all; those of different connections overtake each other. A connection that breaks takes with
// it what was under way, and the peer's socket connects again by itself, as ZeroMQ's does: the
// broker sees a stranger then.
//
// Thread rule: one thread.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "broker/core/task.hpp"
#include "common/protocol/message.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/plan.hpp"

namespace penstock::simulation {

enum class Port : std::uint8_t { frontend, backend };
using ConnectionId = std::uint32_t;
inline constexpr ConnectionId no_connection = 0xFFFFFFFF;

class Network;

// A peer's socket. Its owner hands what happens to it on: arrival and connecting.
class Line {
  public:
    // What of the agenda's entries of the owner are the line's.
    static constexpr std::uint32_t arrival = 1'000;
    static constexpr std::uint32_t connecting = 1'001;

    // `strange`: of somebody who says what is not his to say.
    Line(Network& network, Party& owner, Port port, bool strange = false);

    // A new socket, which connects when it can. The old one goes, and what waits in it.
    void open();
    // `last_words`: what has been sent still arrives.
    void close(bool last_words);
    // False: nobody is connected.
    [[nodiscard]] bool send(protocol::Message message);
    // An entry `arrival`: the message, if it has not been lost.
    [[nodiscard]] std::optional<protocol::Message> take(std::uint64_t detail);
    // An entry `connecting`. True if it is connected now and was not before.
    [[nodiscard]] bool connect();

    [[nodiscard]] bool is_connected() const { return connection_ != no_connection; }
    [[nodiscard]] Party& owner() const { return owner_; }
    [[nodiscard]] Port port() const { return port_; }
    [[nodiscard]] bool is_strange() const { return strange_; }

  private:
    friend class Network;

    Network& network_;
    Party& owner_;
    Port port_;
    bool strange_;
    bool open_ = false;
    ConnectionId connection_ = no_connection;
    std::array<Nanos, 2> blocked_until_{};   // from the broker, to the broker
    std::deque<protocol::Message> recent_;   // the last that were sent, if there are duplicates
    std::deque<protocol::Message> repeats_;  // to be sent again, after the next
};

class Network {
  public:
    Network(const Plan& plan, Agenda& agenda, Chance chance)
        : plan_(plan), agenda_(agenda), chance_(chance) {}

    // --- the broker's side. An entry Line::arrival of the broker names the connection.
    void broker_is_up(Party& broker);
    void broker_is_down();
    [[nodiscard]] std::optional<protocol::Message> take_at_broker(ConnectionId id);
    // False: the connection is known to be gone.
    [[nodiscard]] bool send_to_peer(ConnectionId id, protocol::Message message);
    [[nodiscard]] Line& line_of(ConnectionId id) { return *connections_[id].line; }
    [[nodiscard]] broker::SessionId& session_of(ConnectionId id) {
        return connections_[id].session;
    }

    // --- faults
    void cut(Line& line, bool half_open);
    // In one direction or both: nothing passes until then.
    void block(Line& line, bool from_broker, bool to_broker, Nanos until);
    // Every message takes that much longer at most.
    void slow_down(Nanos extra) { extra_ = extra; }
    [[nodiscard]] const std::vector<Line*>& lines() const { return lines_; }

  private:
    friend class Line;

    struct Connection {
        Line* line = nullptr;
        broker::SessionId session = broker::no_session;
        bool peer_end = true;    // the peer's end is open
        bool broker_end = true;  // the broker takes it for open
        std::deque<protocol::Message> to_broker;
        std::deque<protocol::Message> to_peer;
        Nanos last_to_broker = 0;
        Nanos last_to_peer = 0;
    };

    [[nodiscard]] Nanos delay();
    void leave(Connection& connection, bool last_words);
    void try_to_connect(Line& line);
    void remember(Line& line, const protocol::Message& message);
    void push_to_broker(ConnectionId id, protocol::Message message);

    const Plan& plan_;
    Agenda& agenda_;
    Chance chance_;
    Party* broker_ = nullptr;  // while it is up
    std::vector<Line*> lines_;
    std::deque<Connection> connections_;
    Nanos extra_ = 0;
};

}  // namespace penstock::simulation
