#include "producer/core/pending_tasks.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;

Error lost_with_broker() {
    return {ErrorCode::broker_restarted,
            "the broker that held this task in memory has restarted since: submit it again"};
}

}  // namespace

PendingTasks::PendingTasks(PendingLimits limits, std::uint64_t seed)
    : limits_(std::move(limits)), entries_(seed), queue_(seed) {}

void PendingTasks::submit(const Submission& submission, std::vector<NewTask> tasks, Ticket ticket,
                          Interest interest, TimePoint now, PendingEffects& effects) {
    Submission told = submission;
    told.options.notify = interest == Interest::result;
    const Watcher watcher{ticket, interest};
    Lane* lane = nullptr;  // once there is a task for it
    for (std::size_t n = 0; n < tasks.size(); ++n) {
        NewTask& task = tasks[n];
        entries_.prefetch_after(tasks, n, [](const NewTask& next) { return next.id; });
        const auto [entry, fresh] = entries_.add(task.id);
        if (!fresh) {
            add_again(entry, told, std::move(task), watcher, effects);
            continue;
        }
        if (lane == nullptr) {
            lane = &queue_.join(told);
        } else {
            SendQueue::join(*lane);
        }
        lane->waiting.push_back(task.id);
        entry.stage = Waiting{lane, std::move(task.body), false};
        entry.since = now;
        entry.watcher = watcher;
    }
    watch_reachability(now);
}

void PendingTasks::add_again(PendingEntry& entry, const Submission& submission, NewTask task,
                             Watcher watcher, PendingEffects& effects) {
    auto* const awaited = std::get_if<Awaited>(&entry.stage);
    if (awaited != nullptr && !awaited->receipt) {
        Lane& lane = queue_.join(submission);
        lane.waiting.push_back(task.id);
        // Counts as sent before: whoever awaited it asks again once it is accepted.
        entry.stage = Waiting{&lane, std::move(task.body), true};
        entry.watchers.push_back(watcher);
        return;
    }
    ++effects.released_tasks;
    effects.released_bytes += task.body.size_bytes();
    if (awaited != nullptr && watcher.interest == Interest::receipt) {
        effects.notices.push_back({task.id, watcher.ticket, *awaited->receipt});
        return;
    }
    entry.watchers.push_back(watcher);
}

void PendingTasks::await(std::span<const TaskId> ids, Ticket ticket, TimePoint now) {
    for (const TaskId& id : ids) {
        const auto [entry, fresh] = entries_.add(id);
        const Watcher watcher{ticket, Interest::result};
        if (!fresh) {
            entry.watchers.push_back(watcher);
            continue;
        }
        entry.stage = Awaited{};
        entry.since = now;
        entry.watcher = watcher;
        to_await_.push_back(id);
    }
    watch_reachability(now);
}

void PendingTasks::watch_receipts(std::span<const TaskId> ids, Ticket ticket,
                                  PendingEffects& effects) {
    for (const TaskId& id : ids) {
        PendingEntry* const found = entries_.find(id);
        PENSTOCK_ASSERT(found != nullptr);
        PendingEntry& entry = *found;
        const auto* const awaited = std::get_if<Awaited>(&entry.stage);
        if (awaited == nullptr) {
            entry.watchers.push_back({ticket, Interest::receipt});
        } else {
            // Submitted before, and accepted then.
            effects.notices.push_back({id, ticket, *awaited->receipt});
        }
    }
}

void PendingTasks::session_started(const BrokerTerms& terms, TimePoint now) {
    if (in_session_) {
        session_lost(now);
    }
    in_session_ = true;
    terms_ = terms;
    unreachable_check_.reset();
    to_await_.clear();
    entries_.for_each([&](const PendingEntry& entry) {
        if (std::holds_alternative<Awaited>(entry.stage)) {
            to_await_.push_back(entry.id);
        }
    });
}

void PendingTasks::session_lost(TimePoint now) {
    if (!in_session_) {
        return;
    }
    in_session_ = false;
    session_lost_at_ = now;
    take_back(flights_.take_all());
    watch_reachability(now);
}

void PendingTasks::receipt(std::span<const TaskId> ids, Durability durability,
                           PendingEffects& effects) {
    for (std::size_t n = 0; n < ids.size(); ++n) {
        entries_.prefetch_after(ids, n, std::identity());
        PendingEntry* const entry = entries_.find(ids[n]);
        if (entry != nullptr && !std::holds_alternative<Awaited>(entry->stage)) {
            confirm(*entry, {durability, terms_.epoch}, effects);
        }
    }
}

void PendingTasks::confirm(PendingEntry& entry, const Receipt& receipt, PendingEffects& effects) {
    Lane* lane = nullptr;
    bool sent_before = false;
    if (const auto* task = std::get_if<InFlight>(&entry.stage)) {
        lane = task->lane;
        sent_before = task->sent_before;
    } else {
        // Taken back for lack of an answer, which has now come after all.
        lane = std::get<Waiting>(entry.stage).lane;
        sent_before = true;
    }
    const bool notified = lane->submission->options.notify && !sent_before;
    SendQueue::forgive(*lane);
    release(entry, effects);

    const auto satisfied = [&](const Watcher& watcher) {
        if (watcher.interest == Interest::result) {
            return false;
        }
        effects.notices.push_back({entry.id, watcher.ticket, receipt});
        return true;
    };
    std::erase_if(entry.watchers, satisfied);
    if (satisfied(entry.watcher)) {
        if (entry.watchers.empty()) {
            entries_.remove(entry);
            return;
        }
        entry.watcher = entry.watchers.back();
        entry.watchers.pop_back();
    }
    entry.stage = Awaited{receipt};
    if (!notified) {
        to_await_.push_back(entry.id);
    }
}

void PendingTasks::refusal(const Error& error, milliseconds retry_after,
                           std::span<const TaskId> ids, TimePoint now, PendingEffects& effects) {
    if (error.code == ErrorCode::busy) {
        busy(error, retry_after, ids, now, effects);
        return;
    }
    if (error.code == ErrorCode::conflict) {
        return;  // only CANCEL is refused so
    }
    for (const TaskId& id : ids) {
        if (PendingEntry* const entry = entries_.find(id)) {
            refuse(*entry, error, effects);
        }
    }
}

void PendingTasks::refuse(PendingEntry& entry, const Error& error, PendingEffects& effects) {
    const auto* const awaited = std::get_if<Awaited>(&entry.stage);
    if (error.code != ErrorCode::not_found) {
        give_up(entry, error, effects);
        return;
    }
    if (awaited == nullptr) {
        return;  // the answer to a CANCEL that overtook the SUBMIT
    }
    const bool lost = awaited->receipt && awaited->receipt->durability == Durability::memory &&
                      awaited->receipt->epoch != terms_.epoch;
    give_up(entry, lost ? lost_with_broker() : error, effects);
}

void PendingTasks::busy(const Error& error, milliseconds retry_after, std::span<const TaskId> ids,
                        TimePoint now, PendingEffects& effects) {
    Lane* paused = nullptr;
    // From the last to the first, as each goes to the front. A task that is named twice is in
    // flight only once.
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
        PendingEntry* const entry = entries_.find(*id);
        const auto* task = entry == nullptr ? nullptr : std::get_if<InFlight>(&entry->stage);
        if (task == nullptr) {
            continue;
        }
        if (limits_.busy_timeout > milliseconds::zero() &&
            now - entry->since >= limits_.busy_timeout) {
            give_up(*entry, error, effects);
            continue;
        }
        if (task->lane != paused) {
            paused = task->lane;
            queue_.pause(*paused, retry_after, now);
        }
        flights_.land(task->flight, task->body.size_bytes());
        // It is not in the broker, so nothing more has to be asked for than before.
        take_back(*entry, task->sent_before);
    }
}

void PendingTasks::take_back(const std::vector<Flight>& flights) {
    for (auto flight = flights.rbegin(); flight != flights.rend(); ++flight) {
        for (auto id = flight->ids.rbegin(); id != flight->ids.rend(); ++id) {
            PendingEntry* const entry = entries_.find(*id);
            const auto* task = entry == nullptr ? nullptr : std::get_if<InFlight>(&entry->stage);
            if (task != nullptr && task->flight == flight->number) {
                take_back(*entry, true);
            }
        }
    }
}

void PendingTasks::take_back(PendingEntry& entry, bool sent_before) {
    auto& task = std::get<InFlight>(entry.stage);
    Lane* const lane = task.lane;
    lane->waiting.push_front(entry.id);
    entry.stage = Waiting{lane, std::move(task.body), sent_before};
}

void PendingTasks::results(std::vector<TaskResult> results, PendingEffects& effects) {
    for (std::size_t n = 0; n < results.size(); ++n) {
        TaskResult& result = results[n];
        entries_.prefetch_after(results, n, [](const TaskResult& next) { return next.id; });
        PendingEntry* const entry = entries_.find(result.id);
        if (entry == nullptr) {
            continue;
        }
        release(*entry, effects);
        for (const Watcher& watcher : entry->watchers) {
            tell(watcher, result, effects);
        }
        tell(entry->watcher, std::move(result), effects);
        entries_.remove(*entry);
    }
}

void PendingTasks::tell(const Watcher& watcher, TaskResult result, PendingEffects& effects) const {
    Notice& notice = effects.notices.emplace_back();
    notice.id = result.id;
    notice.ticket = watcher.ticket;
    if (watcher.interest == Interest::result) {
        notice.what = std::move(result);
    } else {
        // The end implies the receipt, which was lost on its way.
        notice.what = Receipt{Durability::memory, terms_.epoch};
    }
}

void PendingTasks::give_up(PendingEntry& entry, const Error& error, PendingEffects& effects) {
    release(entry, effects);
    effects.notices.push_back({entry.id, entry.watcher.ticket, error});
    for (const Watcher& watcher : entry.watchers) {
        effects.notices.push_back({entry.id, watcher.ticket, error});
    }
    entries_.remove(entry);
}

void PendingTasks::release(PendingEntry& entry, PendingEffects& effects) {
    const auto leave = [&](Lane& lane, const Body& body) {
        ++effects.released_tasks;
        effects.released_bytes += body.size_bytes();
        queue_.leave(lane);
    };
    if (const auto* waiting = std::get_if<Waiting>(&entry.stage)) {
        leave(*waiting->lane, waiting->body);
    } else if (const auto* task = std::get_if<InFlight>(&entry.stage)) {
        flights_.land(task->flight, task->body.size_bytes());
        leave(*task->lane, task->body);
    }
    entry.stage = Awaited{};
}

void PendingTasks::fail_all(const Error& error, PendingEffects& effects) {
    entries_.for_each([&](PendingEntry& entry) { give_up(entry, error, effects); });
    to_await_.clear();
}

}  // namespace penstock::client
