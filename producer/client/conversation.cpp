// The broker's side of Connection: greeting it, hearing it, speaking to it.
#include <utility>

#include "common/telemetry/log.hpp"
#include "producer/client/connection.hpp"

namespace penstock::client {
namespace {

// Messages that are read before everything else gets its turn.
constexpr int messages_per_turn = 256;

}  // namespace

void Connection::receive(TimePoint now) {
    transport::Frames frames;
    for (int count = 0; count < messages_per_turn && socket_ && socket_->receive(frames); ++count) {
        session_.heard(now);
        Result<protocol::Message> message = protocol::decode(frames, limits_, &memory_);
        if (!message) {
            telemetry::warning("the broker sent what this client cannot read: {}",
                               message.error().message);
            continue;
        }
        handle(std::move(*message), now);
    }
}

void Connection::handle(protocol::Message message, TimePoint now) {
    if (auto* results = std::get_if<protocol::ResultBatch>(&message)) {
        this->results(std::move(results->results), now);
    } else if (const auto* receipt = std::get_if<protocol::Receipt>(&message)) {
        tasks_.receipt(receipt->ids, receipt->durability, task_effects_);
    } else if (const auto* words = std::get_if<protocol::Refusal>(&message)) {
        refusal(*words, now);
    } else if (const auto* terms = std::get_if<protocol::Welcome>(&message)) {
        welcome(*terms, now);
    } else if (const auto* cancelling = std::get_if<protocol::Cancelling>(&message)) {
        requests_.cancelling(cancelling->ids, request_effects_);
    } else if (auto* answer = std::get_if<protocol::Answer>(&message)) {
        requests_.answer(std::move(*answer), request_effects_);
    } else if (auto* reply = std::get_if<protocol::ArchiveReply>(&message)) {
        requests_.answer(std::move(*reply), request_effects_);
    } else if (auto* part = std::get_if<protocol::BackupPart>(&message)) {
        requests_.answer(std::move(*part), request_effects_);
    }
    if (const auto* slots = std::get_if<protocol::SlotsFree>(&message)) {
        memory_.come_back(*slots);
    }
    // Everything else is a sign of life, or meant for workers.
}

void Connection::results(std::vector<TaskResult> results, TimePoint now) {
    // Those whose bytes were gone when they were to be read are asked for once more.
    protocol::Await again;
    std::erase_if(results, [&](const TaskResult& result) {
        const bool is_missing = shm::SessionMemory::is_missing(result.output.payload) ||
                                shm::SessionMemory::is_missing(result.output.args);
        if (is_missing) {
            again.ids.push_back(result.id);
        }
        return is_missing;
    });
    bool sent = true;
    if (const std::uint64_t read = memory_.take_read(); read > 0) {
        sent = send(protocol::SlotsRead{read}, now);
    }
    if (memory_.take_unreadable()) {
        telemetry::debug("cannot read shared memory of this host; using the socket instead");
        sent = send(protocol::NoMemory{}, now) && sent;
    }
    if (!again.ids.empty()) {
        sent = send(std::move(again), now) && sent;
    }
    if (!sent) {
        lose_session(now);
    }
    tasks_.results(std::move(results), task_effects_);
}

void Connection::welcome(const protocol::Welcome& welcome, TimePoint now) {
    const BrokerTerms terms{welcome.epoch,    welcome.broker_version, welcome.heartbeat,
                            welcome.liveness, welcome.body_max_bytes, welcome.batch_max};
    telemetry::debug("talking to broker {} at {}, epoch {}", terms.version, endpoint_.text,
                     terms.epoch.value);
    memory_.begin(welcome.lent, welcome.epoch, now);
    session_.welcomed(terms, now);
    tasks_.session_started(terms, now);
    requests_.session_started(terms, request_effects_);
}

void Connection::refusal(const protocol::Refusal& refusal, TimePoint now) {
    if (!refusal.ids.empty()) {
        tasks_.refusal(refusal.error, refusal.retry_after, refusal.ids, now, task_effects_);
        requests_.refusal(refusal.error, refusal.ids, request_effects_);
        return;
    }
    if (refusal.error.code == ErrorCode::no_session) {
        lose_session(now);
        return;
    }
    telemetry::debug("the broker refuses a message: {}", refusal.error.message);
    // It does not say which of ours it means; an explicit failure of all beats silence for one.
    fail_all(refusal.error);
    if (refusal.error.code == ErrorCode::version) {
        refused_ = refusal.error;
        session_.refused();
    }
}

void Connection::lose_session(TimePoint now) {
    if (!session_.lost(now)) {
        return;
    }
    telemetry::debug("the session with {} is over; greeting again", endpoint_.text);
    tasks_.session_lost(now);
    requests_.session_lost(now);
}

void Connection::drive_session(TimePoint now) {
    while (true) {
        switch (session_.advance(now)) {
            case Session::Action::nothing: return;
            case Session::Action::connect: open_socket(); break;
            case Session::Action::hello:
                session_.hello_sent(send(protocol::Hello{options_.name, memory_.offer()}, now),
                                    now);
                break;
            case Session::Action::heartbeat:
                if (!send(protocol::Heartbeat{}, now)) {
                    lose_session(now);
                }
                break;
            case Session::Action::disconnect:
                telemetry::debug("no sign of life from {}: connecting anew", endpoint_.text);
                close_socket();
                tasks_.session_lost(now);
                requests_.session_lost(now);
                break;
        }
    }
}

void Connection::open_socket() {
    transport::SocketLimits limits;
    limits.frame_max_bytes = protocol::frame_max_bytes(limits_);
    socket_.emplace(context_, endpoint_, limits);
    poller_.clear();
    poller_.watch(commands_.descriptor());
    poller_.watch(*socket_);
}

void Connection::close_socket() {
    poller_.clear();
    poller_.watch(commands_.descriptor());
    socket_.reset();
}

bool Connection::send(protocol::Message message, TimePoint now) {
    const protocol::Frames frames = protocol::encode(message, &memory_);
    if (socket_->send(frames) != transport::SendStatus::sent) {
        return false;
    }
    session_.spoke(now);
    return true;
}

}  // namespace penstock::client
