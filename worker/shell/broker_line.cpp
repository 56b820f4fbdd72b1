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
    if (memory_ != nullptr) {
        memory_->end();
    }
}

void BrokerLine::send(protocol::Message message) {
    if (!socket_) {
        return;
    }
    if (auto* join = std::get_if<protocol::Join>(&message); join != nullptr && memory_ != nullptr) {
        join->memory = memory_->offer();
    }
    unsent_.push_back(protocol::encode(message, memory_));
    flush();
}

void BrokerLine::flush() {
    while (socket_ && !unsent_.empty()) {
        if (socket_->send(unsent_.front()) != transport::SendStatus::sent) {
            return;
        }
        unsent_.pop_front();
    }
}

std::optional<protocol::Message> BrokerLine::receive(TimePoint now) {
    protocol::Frames frames;
    while (socket_ && socket_->receive(frames)) {
        Result<protocol::Message> message = protocol::decode(frames, limits_, memory_);
        if (message && take_memory(*message, now)) {
            return std::move(*message);
        }
        if (message) {
            continue;
        }
        telemetry::warning("skipped a message of the broker: {}", message.error().message);
    }
    return std::nullopt;
}

bool BrokerLine::take_memory(protocol::Message& message, TimePoint now) {
    if (memory_ == nullptr) {
        return true;
    }
    if (const auto* slots = std::get_if<protocol::SlotsFree>(&message)) {
        memory_->come_back(*slots);
        return false;
    }
    if (const auto* welcome = std::get_if<protocol::Welcome>(&message)) {
        memory_->begin(welcome->lent, welcome->epoch, now);
    } else if (auto* dispatch = std::get_if<protocol::Dispatch>(&message)) {
        set_aside_unread(*dispatch);
    }
    return true;
}

void BrokerLine::set_aside_unread(protocol::Dispatch& dispatch) {
    if (memory_->take_unreadable()) {
        telemetry::warning("cannot read shared memory of this host; using the sockets instead");
        send(protocol::NoMemory{});
    }
    for (protocol::DispatchGroup& group : dispatch.groups) {
        std::erase_if(group.tasks, [this](const protocol::Assignment& task) {
            const bool is_missing = shm::SessionMemory::is_missing(task.body.payload) ||
                                    shm::SessionMemory::is_missing(task.body.args);
            if (is_missing) {
                unread_.push_back(task.lease);
            }
            return is_missing;
        });
    }
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
