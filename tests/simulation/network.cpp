#include "tests/simulation/network.hpp"

#include <utility>

namespace penstock::simulation {

namespace {

constexpr std::size_t repeated_max = 3;

// The epoch of the leases in a message is on the wire once.
void take_one_epoch(protocol::Message& message) {
    if (auto* const batch = std::get_if<protocol::OutcomeBatch>(&message)) {
        for (protocol::Outcome& outcome : batch->outcomes) {
            outcome.lease.epoch = batch->epoch;
        }
    } else if (auto* const returned = std::get_if<protocol::Returned>(&message)) {
        for (Lease& lease : returned->leases) {
            lease.epoch = returned->epoch;
        }
    } else if (auto* const join = std::get_if<protocol::Join>(&message)) {
        for (Lease& lease : join->held) {
            lease.epoch = join->held.front().epoch;
        }
    }
}

}  // namespace

Line::Line(Network& network, Party& owner, Port port, bool strange)
    : network_(network), owner_(owner), port_(port), strange_(strange) {
    network.lines_.push_back(this);
}

void Line::open() {
    close(true);
    open_ = true;
    network_.try_to_connect(*this);
}

void Line::close(bool last_words) {
    open_ = false;
    recent_.clear();
    repeats_.clear();
    if (is_connected()) {
        network_.leave(network_.connections_[connection_], last_words);
        connection_ = no_connection;
    }
}

bool Line::send(protocol::Message message) {
    if (!is_connected()) {
        return false;
    }
    take_one_epoch(message);
    network_.remember(*this, message);
    network_.push_to_broker(connection_, std::move(message));
    for (protocol::Message& repeat : repeats_) {
        network_.push_to_broker(connection_, std::move(repeat));
    }
    repeats_.clear();
    return true;
}

std::optional<protocol::Message> Line::take(std::uint64_t detail) {
    const auto id = static_cast<ConnectionId>(detail);
    Network::Connection& connection = network_.connections_[id];
    if (id != connection_ || connection.to_peer.empty()) {
        return std::nullopt;
    }
    if (blocked_until_[0] > network_.agenda_.now()) {
        network_.agenda_.add(blocked_until_[0], owner_, arrival, detail);
        return std::nullopt;
    }
    protocol::Message message = std::move(connection.to_peer.front());
    connection.to_peer.pop_front();
    return message;
}

bool Line::connect() {
    if (!open_ || is_connected() || network_.broker_ == nullptr) {
        return false;
    }
    const Nanos blocked = std::max(blocked_until_[0], blocked_until_[1]);
    if (blocked > network_.agenda_.now()) {
        network_.agenda_.add(blocked, owner_, connecting);
        return false;
    }
    connection_ = static_cast<ConnectionId>(network_.connections_.size());
    network_.connections_.emplace_back().line = this;
    repeats_ = std::exchange(recent_, {});
    if (network_.chance_.percent(50)) {
        for (protocol::Message& repeat : std::exchange(repeats_, {})) {
            network_.push_to_broker(connection_, std::move(repeat));
        }
    }
    return true;
}

Nanos Network::delay() {
    const Nanos usual = plan_.latency / 2 + chance_.time(0, plan_.latency);
    return extra_ == 0 ? usual : usual + chance_.time(0, extra_);
}

void Network::try_to_connect(Line& line) {
    if (line.open_ && !line.is_connected() && broker_ != nullptr) {
        agenda_.add(agenda_.now() + 2 * delay(), line.owner_, Line::connecting);
    }
}

void Network::broker_is_up(Party& broker) {
    broker_ = &broker;
    for (Line* const line : lines_) {
        if (line->open_ && !line->is_connected()) {
            agenda_.add(agenda_.now() + chance_.time(0, 200 * millisecond), line->owner_,
                        Line::connecting);
        }
    }
}

void Network::broker_is_down() {
    broker_ = nullptr;
    for (Line* const line : lines_) {
        if (line->is_connected()) {
            Connection& connection = connections_[line->connection_];
            connection.broker_end = false;
            connection.to_broker.clear();
            connection.to_peer.clear();
            line->connection_ = no_connection;
        }
    }
}

void Network::leave(Connection& connection, bool last_words) {
    connection.peer_end = false;
    connection.to_peer.clear();
    if (!last_words) {
        connection.to_broker.clear();
    }
    connection.broker_end = plan_.has(Fault::half_open) && chance_.percent(30);
}

void Network::cut(Line& line, bool half_open) {
    if (!line.is_connected()) {
        return;
    }
    Connection& connection = connections_[line.connection_];
    connection.to_broker.clear();
    connection.to_peer.clear();
    connection.peer_end = false;
    connection.broker_end = half_open;
    line.connection_ = no_connection;
    agenda_.add(agenda_.now() + chance_.time(millisecond, 200 * millisecond), line.owner_,
                Line::connecting);
}

void Network::block(Line& line, bool from_broker, bool to_broker, Nanos until) {
    line.blocked_until_[0] = from_broker ? until : line.blocked_until_[0];
    line.blocked_until_[1] = to_broker ? until : line.blocked_until_[1];
}

void Network::remember(Line& line, const protocol::Message& message) {
    if (plan_.has(Fault::delivered_twice)) {
        line.recent_.push_back(message);
        if (line.recent_.size() > repeated_max) {
            line.recent_.pop_front();
        }
    }
}

void Network::push_to_broker(ConnectionId id, protocol::Message message) {
    Connection& connection = connections_[id];
    connection.to_broker.push_back(std::move(message));
    connection.last_to_broker = std::max(connection.last_to_broker, agenda_.now() + delay());
    if (broker_ != nullptr) {
        agenda_.add(connection.last_to_broker, *broker_, Line::arrival, id);
    }
}

std::optional<protocol::Message> Network::take_at_broker(ConnectionId id) {
    Connection& connection = connections_[id];
    if (connection.to_broker.empty()) {
        return std::nullopt;
    }
    const Nanos blocked = connection.line->blocked_until_[1];
    if (blocked > agenda_.now()) {
        agenda_.add(blocked, *broker_, Line::arrival, id);
        return std::nullopt;
    }
    protocol::Message message = std::move(connection.to_broker.front());
    connection.to_broker.pop_front();
    return message;
}

bool Network::send_to_peer(ConnectionId id, protocol::Message message) {
    Connection& connection = connections_[id];
    if (!connection.broker_end) {
        return false;
    }
    if (!connection.peer_end) {
        return true;  // nobody has noticed
    }
    connection.to_peer.push_back(std::move(message));
    connection.last_to_peer = std::max(connection.last_to_peer, agenda_.now() + delay());
    agenda_.add(connection.last_to_peer, connection.line->owner_, Line::arrival, id);
    return true;
}

}  // namespace penstock::simulation
