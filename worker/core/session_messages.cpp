// What the broker says to a session, and what follows from it.
#include <algorithm>
#include <utility>

#include "worker/core/session.hpp"

namespace penstock::worker {
namespace {

// Longer limits are as good as none, and would not fit a clock.
constexpr std::chrono::milliseconds time_limit_max = std::chrono::hours(24 * 366);

}  // namespace

void Session::receive(protocol::Message message, TimePoint now) {
    if (gone_ || !link_.connected()) {
        return;
    }
    link_.heard(now);
    std::visit([&](auto& alternative) { on(alternative, now); }, message);
}

void Session::on(protocol::Welcome& welcome, TimePoint now) {
    link_.welcomed(now, welcome.heartbeat, welcome.liveness);
    body_max_bytes_ = welcome.body_max_bytes;
    if (welcome.epoch != epoch_) {
        epoch_ = welcome.epoch;
        drop_void_leases(now);
    }
    outcomes_.send_all_again();
    if (drain_deadline_) {
        send(protocol::Drain{}, now);
    }
}

void Session::on(protocol::Refusal& refusal, TimePoint now) {
    if (refusal.error.code == ErrorCode::no_session) {
        // One comes for every message that was under way; the first has been acted upon.
        if (link_.joined()) {
            join(now);
        }
        return;
    }
    if (refusal.error.code == ErrorCode::version) {
        effects_.emplace_back(Leave{std::move(refusal.error)});
        gone_ = true;
        return;
    }
    effects_.emplace_back(Complain{std::move(refusal.error)});
}

void Session::on(protocol::Dispatch& dispatch, TimePoint /*now*/) {
    if (dispatch.epoch != epoch_) {
        return;
    }
    for (protocol::DispatchGroup& group : dispatch.groups) {
        const auto found = classes_.find(group.type);
        const auto time_limit = std::min(group.time_limit, time_limit_max);
        for (protocol::Assignment& task : group.tasks) {
            if (drain_deadline_) {
                returned_.push_back(task.lease);
            } else if (found == classes_.end()) {
                report(task.lease,
                       {ErrorCode::no_handler, "this worker does not run '" + group.type + "'"});
            } else {
                board_.wait_for_slot({task.lease, group.type, time_limit, std::move(task.body)},
                                     found->second);
            }
        }
    }
}

void Session::on(protocol::Settled& settled, TimePoint /*now*/) {
    if (settled.epoch == epoch_) {
        outcomes_.settle(settled.ids);
    }
}

void Session::on(protocol::Recall& recall, TimePoint /*now*/) {
    for (const Lease& lease : recall.leases) {
        if (board_.take_waiting(lease)) {
            returned_.push_back(lease);
        } else if (const auto request = board_.ask_back(lease, Wanted::returned)) {
            effects_.emplace_back(*request);
        }
    }
}

void Session::on(protocol::Stop& stop, TimePoint now) {
    for (const Lease& lease : stop.leases) {
        if (board_.take_waiting(lease)) {
            report(lease, {ErrorCode::cancelled, "cancelled before it started"});
        } else if (const auto request = board_.ask_back(lease, Wanted::cancelled)) {
            effects_.emplace_back(*request);
            // In vain if the slot gives it back.
            effects_.emplace_back(Cancel{request->slot, lease});
            board_.stop_by(lease, now + std::min(stop.grace, time_limit_max));
        }
    }
}

// Hearing it was all.
void Session::on(protocol::Heartbeat& /*heartbeat*/, TimePoint /*now*/) {}

template <typename Unexpected>
void Session::on(Unexpected& /*message*/, TimePoint /*now*/) {
    effects_.emplace_back(Complain{{ErrorCode::malformed,
                                    "the broker sent a message that is not for workers: is "
                                    "--broker its backend endpoint?"}});
}

}  // namespace penstock::worker
