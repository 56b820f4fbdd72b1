#include "broker/core/outbox.hpp"

#include <algorithm>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

// Cuts `items` into pieces of at most `max` and hands each to `send`.
template <typename T, typename Send>
void in_pieces(std::vector<T>& items, std::size_t max, const Send& send) {
    if (items.size() <= max) {
        if (!items.empty()) {
            send(std::move(items));
        }
        return;
    }
    for (std::size_t at = 0; at < items.size(); at += max) {
        const auto first = items.begin() + static_cast<std::ptrdiff_t>(at);
        const auto last =
            items.begin() + static_cast<std::ptrdiff_t>(std::min(at + max, items.size()));
        send(std::vector<T>(std::make_move_iterator(first), std::make_move_iterator(last)));
    }
}

}  // namespace

Outbox::Pending& Outbox::pending(SessionId session) {
    if (last_pending_ == nullptr || session != last_session_) {
        last_pending_ = &pending_.try_emplace(session, *this).first->second;
        last_session_ = session;
    }
    return *last_pending_;
}

void Outbox::say(SessionId session, protocol::Message message) {
    pending(session).direct.push_back(std::move(message));
}

void Outbox::refuse(SessionId session, const Error& error, const std::vector<TaskId>& ids,
                    std::chrono::milliseconds retry_after) {
    say(session, protocol::Refusal{error, retry_after, ids});
}

void Outbox::give(SessionId session, std::string_view type, std::string_view queue,
                  std::chrono::milliseconds time_limit, protocol::Assignment assignment) {
    pending(session).work.add(type, queue, time_limit, std::move(assignment));
}

void Outbox::recall(SessionId session, const Lease& lease) {
    pending(session).recalls.push_back(lease);
}

void Outbox::stop(SessionId session, const Lease& lease) {
    pending(session).stops.push_back(lease);
}

void Outbox::promise(const Promise& promise) {
    if (promise.sequence <= durable_) {
        due_.push_back(promise);
        return;
    }
    PENSTOCK_ASSERT(promises_.empty() || promises_.back().sequence <= promise.sequence);
    promises_.push_back(promise);
}

void Outbox::say_once_durable(Sequence sequence, SessionId session, protocol::Message message) {
    if (sequence <= durable_) {
        say(session, std::move(message));
        return;
    }
    PENSTOCK_ASSERT(answers_.empty() || answers_.back().sequence <= sequence);
    answers_.push_back({sequence, {session, std::move(message)}});
}

void Outbox::became_durable(Sequence durable) {
    durable_ = std::max(durable_, durable);
}

void Outbox::release(const TaskTable& tasks) {
    for (const Promise& promise : due_) {
        release(promise, tasks);
    }
    due_.clear();
    while (!promises_.empty() && promises_.front().sequence <= durable_) {
        prefetch_promised(tasks);
        release(promises_.front(), tasks);
        promises_.pop_front();
    }
    while (!answers_.empty() && answers_.front().sequence <= durable_) {
        Outgoing& answer = answers_.front().outgoing;
        say(answer.session, std::move(answer.message));
        answers_.pop_front();
    }
}

void Outbox::prefetch_promised(const TaskTable& tasks) const {
    if (promises_.size() > 2 * tasks_ahead) {
        tasks.prefetch(promises_[2 * tasks_ahead].task);
        tasks.prefetch_run(promises_[tasks_ahead].task);
    }
}

void Outbox::release(const Promise& promise, const TaskTable& tasks) {
    Pending& to = pending(promise.session);
    switch (promise.kind) {
        case Promise::Kind::receipt:
            to.receipts[promise.level == Durability::memory ? 0 : 1].push_back(promise.id);
            break;
        case Promise::Kind::cancelling: to.cancelling.push_back(promise.id); break;
        case Promise::Kind::settled: to.settled.push_back(promise.id); break;
        case Promise::Kind::result: release_result(promise, tasks); break;
    }
}

void Outbox::release_result(const Promise& promise, const TaskTable& tasks) {
    const TaskIndex task = tasks.find_at(promise.task, promise.id);
    // One that is not final has been forgotten and submitted anew.
    if (task == no_index || !is_final(tasks[task].state())) {
        pending(promise.session).forgotten.push_back(promise.id);
        return;
    }
    pending(promise.session).results.add(tasks[task]);
}

void Outbox::flush(const TaskTable& tasks, Effects& effects) {
    release(tasks);
    for (auto& [session, pending] : pending_) {
        flush_one(session, pending, effects);
    }
    pending_.clear();
    last_pending_ = nullptr;
    results_foresight_.renew();
    work_foresight_.renew();
    told_up_to_ = durable_;
}

void Outbox::flush_one(SessionId session, Pending& pending, Effects& effects) {
    const auto send = [&](protocol::Message message) {
        effects.sends.push_back({session, std::move(message)});
    };
    for (protocol::Message& message : pending.direct) {
        send(std::move(message));
    }
    for (const std::size_t safe : {std::size_t{0}, std::size_t{1}}) {
        const Durability level = safe == 0 ? Durability::memory : settings_.durability;
        in_pieces(pending.receipts[safe], settings_.batch_max, [&](std::vector<TaskId> ids) {
            send(protocol::Receipt{level, std::move(ids)});
        });
    }
    in_pieces(pending.cancelling, settings_.batch_max,
              [&](std::vector<TaskId> ids) { send(protocol::Cancelling{std::move(ids)}); });
    flush_results(session, pending, effects);
    in_pieces(pending.forgotten, settings_.batch_max, [&](std::vector<TaskId> ids) {
        send(protocol::Refusal{
            {ErrorCode::result_expired, "finished and forgotten"}, {}, std::move(ids)});
    });
    in_pieces(pending.settled, settings_.batch_max, [&](std::vector<TaskId> ids) {
        send(protocol::Settled{epoch_, std::move(ids)});
    });
    flush_work(session, pending, effects);
    in_pieces(pending.recalls, settings_.batch_max, [&](std::vector<Lease> leases) {
        send(protocol::Recall{epoch_, std::move(leases)});
    });
    in_pieces(pending.stops, settings_.batch_max, [&](std::vector<Lease> leases) {
        send(protocol::Stop{epoch_, settings_.stop_grace, std::move(leases)});
    });
}

void Outbox::flush_results(SessionId session, Pending& pending, Effects& effects) {
    results_foresight_.note(pending.results.size());
    for (protocol::ResultBatch& batch : pending.results.take()) {
        effects.sends.push_back({session, std::move(batch)});
    }
}

void Outbox::flush_work(SessionId session, Pending& pending, Effects& effects) {
    work_foresight_.note(pending.work.size());
    for (protocol::Dispatch& batch : pending.work.take()) {
        batch.epoch = epoch_;
        effects.sends.push_back({session, std::move(batch)});
    }
}

void Outbox::forget(SessionId session) {
    pending_.erase(session);
    last_pending_ = nullptr;
}

}  // namespace penstock::broker
