#include "broker/core/worker_desk.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/core/lifecycle.hpp"
#include "broker/core/waiting_work.hpp"

namespace penstock::broker {
namespace {

// Calls `act` for each lease of the worker, oldest first; `act` may end the lease.
template <typename Act>
void for_each_lease(Books& books, WorkerIndex worker, const Act& act) {
    TaskIndex next = books.workers[worker].first_lease;
    while (next != no_index) {
        const TaskIndex index = next;
        next = books.tasks[index].last().next_lease;
        act(index);
    }
}

void give_all_back(Books& books, WorkerIndex worker, Instant now) {
    for_each_lease(books, worker, [&](TaskIndex index) { give_back(books, index, now); });
}

// The worker had it and has lost it without a word.
void give_back_as_lost(Books& books, TaskIndex index, Instant now) {
    Task& task = books.tasks[index];
    ++task.edit_last().losses;
    if (task.last().losses < books.settings.losses_max) {
        give_back(books, index, now);
        return;
    }
    give_up(books, index,
            {{ErrorCode::lost, "contact was lost " + std::to_string(task.last().losses) +
                                   " times with workers that held the task"},
             DeadReason::attempts_exhausted,
             {}},
            now);
}

void forget_worker(Books& books, WorkerIndex worker) {
    const SessionId session = books.workers[worker].session;
    books.workers.remove(worker, books.lanes);
    books.sessions.erase(session);
    books.outbox.forget(session);
    books.ended.push_back(session);
}

// The same process on a new connection: leases that it still holds go on; what it does not hold
// was lost on the way and goes to others.
void rejoin(Books& books, WorkerIndex worker, SessionId session, const protocol::Join& join,
            Instant now) {
    const SessionId old_session = books.workers[worker].session;
    if (old_session != session) {
        books.sessions.erase(old_session);
        books.outbox.forget(old_session);
        books.ended.push_back(old_session);
    }
    books.workers.reconnect(worker, session);
    for_each_lease(books, worker, [&](TaskIndex index) {
        const Lease lease = current_lease(books, index);
        if (std::ranges::find(join.held, lease) == join.held.end()) {
            give_back_as_lost(books, index, now);
            return;
        }
        // What it was asked for before may have been lost on the way.
        books.tasks[index].edit_last().recalled = false;
        if (books.tasks[index].cancel_requested) {
            books.outbox.stop(session, lease);
        }
    });
    watch_waiting_work(books, worker, now);
}

// A worker that was given up while it was out of reach still runs what others have got since. Its
// slots are thought to be free: they must become so.
void stop_void_leases(Books& books, WorkerIndex worker, const std::vector<Lease>& held) {
    for (const Lease& lease : held) {
        if (lease.epoch == books.epoch && find_leased(books, lease, worker) == no_index) {
            books.outbox.stop(books.workers[worker].session, lease);
        }
    }
}

// Successes tell how long tasks of a type take. Failures do as long as there is no success: a type
// whose tasks all fail would never be known, and behind each of them nothing would wait.
bool tells_run_time(const protocol::Outcome& outcome, const TypeInfo& type) {
    if (!outcome.error) {
        return true;
    }
    const ErrorCode code = outcome.error->code;
    return !type.succeeded && (code == ErrorCode::rejected || code == ErrorCode::failed);
}

void measure(TypeInfo& type, const protocol::Outcome& outcome) {
    if (!tells_run_time(outcome, type)) {
        return;
    }
    constexpr double weight = 1.0 / 8;  // of the newest run
    const auto us = static_cast<double>(outcome.run.count());
    const bool is_first = !type.measured || (!outcome.error && !type.succeeded);
    type.average_us = is_first ? us : type.average_us + (us - type.average_us) * weight;
    type.measured = true;
    type.succeeded = type.succeeded || !outcome.error;
}

void judge_outcome(Books& books, TaskIndex index, const protocol::Outcome& outcome, Instant now) {
    Task& task = books.tasks[index];
    books.workers.note_progress(task.last().worker, slot_class_of(books, task), now.steady);
    measure(books.lanes.type_of(task.lane), outcome);
    if (!outcome.error) {
        complete(books, index, outcome, now);
        return;
    }
    task.edit_last().thread = outcome.thread;
    task.edit_last().run = outcome.run;
    task.suspect = false;  // it came back: it is not what kills processes
    const ErrorCode code = outcome.error->code;
    if (code == ErrorCode::rejected || code == ErrorCode::no_handler) {
        const bool rejected = code == ErrorCode::rejected;
        give_up(books, index,
                {*outcome.error, rejected ? DeadReason::rejected : DeadReason::no_handler, {}},
                now);
        return;
    }
    fail_attempt(books, index, {*outcome.error, DeadReason::attempts_exhausted, {}}, now);
}

// Those behind the n-th: first the task, then, when that has come, its run.
void prefetch_leased(const Books& books, std::span<const protocol::Outcome> outcomes,
                     std::size_t n) {
    if (n + 2 * tasks_ahead < outcomes.size()) {
        books.tasks.prefetch(task_of_nonce(outcomes[n + 2 * tasks_ahead].lease.nonce));
    }
    if (n + tasks_ahead < outcomes.size()) {
        books.tasks.prefetch_run(task_of_nonce(outcomes[n + tasks_ahead].lease.nonce));
    }
}

std::string how_it_died(const protocol::Obituary& obituary) {
    std::string text = "the process ";
    switch (obituary.cause) {
        case protocol::DeathCause::exited:
            text += "exited with status " + std::to_string(obituary.code);
            break;
        case protocol::DeathCause::signalled:
            text += "was killed by signal " + std::to_string(obituary.code);
            break;
        case protocol::DeathCause::out_of_memory: text += "was killed for lack of memory"; break;
    }
    return text + " (peak memory " + std::to_string(obituary.peak_memory_bytes >> 20U) + " MiB)";
}

protocol::Death death_in(const protocol::Obituary& obituary) {
    return {obituary.cause, obituary.code, obituary.peak_memory_bytes, obituary.cpu,
            obituary.last_words};
}

// Whether the supervisor itself ended the process, for the sake of one of its leases.
bool was_ended_on_purpose(const protocol::Obituary& obituary) {
    return std::ranges::any_of(obituary.started, [](const protocol::StartedLease& started) {
        return started.fate != protocol::Fate::running;
    });
}

void judge_suspect(Books& books, WorkerIndex worker, TaskIndex index,
                   const protocol::Obituary& obituary, Instant now) {
    if (was_ended_on_purpose(obituary)) {
        give_back(books, index, now);
        return;
    }
    Task& task = books.tasks[index];
    if (books.workers[worker].suspect != index) {
        // Others ran beside it: nobody knows who did it.
        give_back_as_suspect(books, index, now);
        return;
    }
    Failure failure{{ErrorCode::crashed, how_it_died(obituary) + " while the task ran alone in it"},
                    DeadReason::attempts_exhausted,
                    death_in(obituary)};
    ++task.edit_last().alone_deaths;
    if (task.last().alone_deaths >= books.settings.alone_deaths_max) {
        ++task.edit_last().charged;
        failure.reason = DeadReason::poison;
        give_up(books, index, failure, now);
        return;
    }
    fail_attempt(books, index, failure, now);
    books.tasks[index].suspect = !is_final(books.tasks[index].state());
}

void judge_death(Books& books, WorkerIndex worker, TaskIndex index,
                 const protocol::Obituary& obituary, Instant now) {
    const Lease lease = current_lease(books, index);
    const auto started = std::ranges::find(obituary.started, lease, &protocol::StartedLease::lease);
    if (started == obituary.started.end()) {
        give_back(books, index, now);
        return;
    }
    switch (started->fate) {
        case protocol::Fate::running: judge_suspect(books, worker, index, obituary, now); return;
        case protocol::Fate::over_time_limit:
            fail_attempt(books, index,
                         {{ErrorCode::time_limit,
                           "the attempt ran longer than its time limit of " +
                               std::to_string(books.tasks[index].terms.time_limit().count()) +
                               " ms; its process was killed"},
                          DeadReason::time_limit,
                          death_in(obituary)},
                         now);
            return;
        case protocol::Fate::being_cancelled: cancel(books, index, now); return;
    }
}

}  // namespace

std::optional<Error> objection_to(const Books& books, const protocol::Join& join) {
    std::set<std::string_view> unknown;
    for (const protocol::OfferedType& offered : join.types) {
        if (!books.lanes.is_offered(offered.type)) {
            unknown.insert(offered.type);
        }
    }
    const std::uint32_t types_max = books.settings.types_max;
    if (books.lanes.offered_types() + unknown.size() <= types_max) {
        return std::nullopt;
    }
    return Error{ErrorCode::too_large,
                 "with this worker more than " + std::to_string(types_max) +
                     " different types would have been offered; offer fewer new ones, or restart "
                     "the broker so that it forgets those of the past"};
}

void handle_join(Books& books, SessionId session, const protocol::Join& join, Instant now) {
    WorkerIndex worker = books.workers.find(join.worker);
    if (worker == no_index || books.workers[worker].session != session) {
        vacate_session(books, session, now);
    }
    if (worker == no_index) {
        worker = books.workers.add(join, session, now, books.lanes);
    } else {
        rejoin(books, worker, session, join, now);
    }
    stop_void_leases(books, worker, join.held);
    books.sessions[session] = {Session::Role::worker, now.steady, worker};
}

void handle_outcomes(Books& books, WorkerIndex worker, const protocol::OutcomeBatch& batch,
                     Instant now) {
    const SessionId session = books.workers[worker].session;
    const std::span outcomes(batch.outcomes);
    for (std::size_t n = 0; n < outcomes.size(); ++n) {
        prefetch_leased(books, outcomes, n);
        const protocol::Outcome& outcome = outcomes[n];
        const TaskIndex index = find_leased(books, outcome.lease, worker);
        // A stale one may have come before; what it said then must be safe.
        Sequence safe_with = books.last_sequence;
        if (index == no_index) {
            ++books.counters.stale_outcomes;
        } else {
            books.workers[worker].completed += outcome.error ? 0U : 1U;
            judge_outcome(books, index, outcome, now);
            safe_with = books.safe_with(books.tasks[index]);
        }
        books.outbox.promise({safe_with, session, Promise::Kind::settled, outcome.lease.task});
    }
}

void handle_returned(Books& books, WorkerIndex worker, const protocol::Returned& returned,
                     Instant now) {
    for (const Lease& lease : returned.leases) {
        const TaskIndex index = find_leased(books, lease, worker);
        if (index != no_index) {
            give_back(books, index, now);
        }
    }
}

void handle_progress(Books& books, WorkerIndex worker, const protocol::Progress& progress) {
    for (const protocol::ProgressReport& report : progress.reports) {
        const TaskIndex index = find_leased(books, report.lease, worker);
        if (index != no_index) {
            books.tasks[index].edit_last().progress_permille = report.permille;
            books.tasks[index].edit_last().set_progress_note(report.note);
        }
    }
}

void handle_obituary(Books& books, SessionId session, const protocol::Obituary& obituary,
                     Instant now) {
    books.outbox.say(session, protocol::Noted{obituary.number});
    const WorkerIndex worker = books.workers.find(obituary.worker);
    if (worker == no_index) {
        return;
    }
    for_each_lease(books, worker,
                   [&](TaskIndex index) { judge_death(books, worker, index, obituary, now); });
    forget_worker(books, worker);
}

void vacate_session(Books& books, SessionId session, Instant now) {
    const auto present = books.sessions.find(session);
    if (present == books.sessions.end() || present->second.worker == no_index) {
        return;
    }
    give_all_back(books, present->second.worker, now);
    books.workers.remove(present->second.worker, books.lanes);
    books.sessions.erase(present);
    books.outbox.forget(session);
}

void part_with_worker(Books& books, WorkerIndex worker, Instant now) {
    give_all_back(books, worker, now);
    forget_worker(books, worker);
}

void lose_worker(Books& books, WorkerIndex worker, Instant now) {
    for_each_lease(books, worker, [&](TaskIndex index) { give_back_as_lost(books, index, now); });
    forget_worker(books, worker);
}

}  // namespace penstock::broker
