#include "worker/shell/broker_line.hpp"

#include "common/telemetry/log.hpp"

namespace penstock::worker {

void BrokerLine::connect() {
    disconnect();
    transport::SocketLimits limits;
    limits.frame_max_bytes = protocol::frame_max_bytes(limits_);
    socket_.emplace(context_, broker_, limits);
}

void BrokerLine::disconnect() {
    socket_.reset();
    unsent_.clear();
}

void BrokerLine::send(const protocol::Message& message) {
    if (socket_) {
        unsent_.push_back(protocol::encode(message));
        flush();
    }
}

void BrokerLine::flush() {
    while (socket_ && !unsent_.empty()) {
        if (socket_->send(unsent_.front()) != transport::SendStatus::sent) {
            return;
        }
        unsent_.pop_front();
    }
}

std::optional<protocol::Message> BrokerLine::receive() {
    protocol::Frames frames;
    while (socket_ && socket_->receive(frames)) {
        Result<protocol::Message> message = protocol::decode(frames, limits_);
        if (message) {
            return std::move(*message);
        }
        telemetry::warning("skipped a message of the broker: {}", message.error().message);
    }
    return std::nullopt;
}

void BrokerLine::watch(transport::Poller& poller) {
    if (socket_) {
        static_cast<void>(poller.watch(*socket_));
    }
}

void BrokerLine::close(std::chrono::milliseconds timeout) {
    flush();
    if (socket_) {
        socket_->close(timeout);
        socket_.reset();
    }
}

}  // namespace penstock::worker
