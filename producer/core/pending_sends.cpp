// The clock's side of PendingTasks: what to send now, what to send again, what to give up.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "producer/core/pending_tasks.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;

// Without a session, pending asks are looked through for old ones at most this often.
constexpr milliseconds reachability_check_pause{50};

}  // namespace

void PendingTasks::advance(TimePoint now, PendingEffects& effects) {
    if (!in_session_) {
        give_up_unreachable(now, effects);
        return;
    }
    take_back(flights_.take_sent_until(now - terms_.liveness));
    queue_.resume(now);
    send_submits(now, effects);
    send_awaits(effects);
}

std::optional<TimePoint> PendingTasks::next_deadline() const {
    if (!in_session_) {
        return unreachable_check_;
    }
    std::optional<TimePoint> deadline = queue_.next_resume();
    if (const std::optional<TimePoint> oldest = flights_.oldest()) {
        const TimePoint overdue = *oldest + terms_.liveness;
        deadline = deadline ? std::min(*deadline, overdue) : overdue;
    }
    return deadline;
}

void PendingTasks::send_submits(TimePoint now, PendingEffects& effects) {
    while (flights_.tasks() < limits_.window_tasks) {
        const Lane* const next = queue_.next();
        if (next == nullptr) {
            return;
        }
        // Holds the lane while its tasks come and go.
        Lane& lane = queue_.join(*next->submission);
        SubmitBatch batch = fill_batch(lane, now, effects);
        const bool window_full = batch.tasks.empty() && !lane.waiting.empty();
        queue_.leave(lane);
        if (window_full) {
            return;
        }
        if (!batch.tasks.empty()) {
            effects.submits.push_back(std::move(batch));
        }
    }
}

SubmitBatch PendingTasks::fill_batch(Lane& lane, TimePoint now, PendingEffects& effects) {
    SubmitBatch batch{*lane.submission, {}};
    std::vector<TaskId> ids;
    std::size_t bytes = 0;
    const std::size_t room = limits_.window_tasks - flights_.tasks();
    const std::size_t tasks_max = std::min(room, terms_.batch_max);
    while (!lane.waiting.empty() && ids.size() < tasks_max && bytes < limits_.batch_bytes) {
        const TaskId id = lane.waiting.front();
        PendingEntry* const entry = entries_.find(id);
        auto* const task = entry == nullptr ? nullptr : std::get_if<Waiting>(&entry->stage);
        if (task == nullptr || task->lane != &lane) {
            lane.waiting.pop_front();  // answered or given up since it was queued
            continue;
        }
        if (const std::optional<Error> error = too_large(task->body)) {
            lane.waiting.pop_front();
            give_up(*entry, *error, effects);
            continue;
        }
        const std::size_t size = task->body.size_bytes();
        const bool too_much = !ids.empty() && bytes + size > limits_.message_bytes;
        if (too_much || !window_open(bytes, size)) {
            break;
        }
        lane.waiting.pop_front();
        bytes += size;
        ids.push_back(id);
        batch.tasks.push_back({id, task->body});
        const bool sent_before = task->sent_before;
        entry->stage = InFlight{&lane, std::move(task->body), sent_before, flights_.next_number()};
    }
    if (!ids.empty()) {
        flights_.depart(std::move(ids), bytes, now);
    }
    return batch;
}

bool PendingTasks::window_open(std::size_t batch_bytes, std::size_t next_bytes) const {
    const std::size_t before = flights_.bytes() + batch_bytes;
    // A body larger than the window still goes, alone.
    return before == 0 || before + next_bytes <= limits_.window_bytes;
}

std::optional<Error> PendingTasks::too_large(const Body& body) const {
    const std::size_t largest = std::max(body.args.size(), body.payload.size());
    if (largest <= terms_.body_max_bytes && body.size_bytes() <= limits_.message_bytes) {
        return std::nullopt;
    }
    return Error{ErrorCode::too_large,
                 fmt::format("a body of {} bytes is too large: the broker takes {} per body, {} "
                             "per task; keep large data in a store and send its address",
                             largest, terms_.body_max_bytes, limits_.message_bytes)};
}

void PendingTasks::send_awaits(PendingEffects& effects) {
    std::vector<TaskId> ids;
    while (!to_await_.empty()) {
        const PendingEntry* const entry = entries_.find(to_await_.front());
        if (entry != nullptr && std::holds_alternative<Awaited>(entry->stage)) {
            ids.push_back(entry->id);
        }
        to_await_.pop_front();
        if (ids.size() == terms_.batch_max || (to_await_.empty() && !ids.empty())) {
            effects.awaits.push_back(std::exchange(ids, {}));
        }
    }
}

void PendingTasks::watch_reachability(TimePoint now) {
    if (in_session_ || unreachable_check_ || entries_.empty() ||
        limits_.unreachable_timeout == milliseconds::zero()) {
        return;
    }
    unreachable_check_ = now + limits_.unreachable_timeout;
}

void PendingTasks::give_up_unreachable(TimePoint now, PendingEffects& effects) {
    if (!unreachable_check_ || now < *unreachable_check_) {
        return;
    }
    unreachable_check_.reset();
    entries_.for_each([&](PendingEntry& entry) {
        const TimePoint deadline =
            std::max(entry.since, session_lost_at_) + limits_.unreachable_timeout;
        if (deadline <= now) {
            give_up(entry, limits_.unreachable, effects);
            return;
        }
        const TimePoint check = std::max(deadline, now + reachability_check_pause);
        unreachable_check_ = std::min(unreachable_check_.value_or(check), check);
    });
}

}  // namespace penstock::client
