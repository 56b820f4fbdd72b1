#include "broker/core/lifecycle.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/core/archiving.hpp"
#include "broker/core/bodies.hpp"
#include "broker/core/journal_upkeep.hpp"
#include "broker/core/memory_of_past.hpp"
#include "broker/core/waiting_work.hpp"
#include "common/model/assert.hpp"
#include "common/model/text.hpp"

namespace penstock::broker {
namespace {

void move(Books& books, Task& task, Trigger trigger) {
    QueueInfo& queue = books.lanes.queue_of(task.lane);
    --queue.counts[static_cast<std::size_t>(task.state()) - 1];
    task.apply(trigger);
    ++queue.counts[static_cast<std::size_t>(task.state()) - 1];
}

TaskOptions with_defaults(TaskOptions options, const Settings& settings, Instant now) {
    using std::chrono::milliseconds;
    const auto or_default = [](milliseconds asked, milliseconds standard) {
        return asked == milliseconds{0} ? standard : asked;
    };
    options.max_attempts = options.max_attempts == 0 ? settings.max_attempts : options.max_attempts;
    options.time_limit = or_default(options.time_limit, settings.time_limit);
    options.backoff_base = or_default(options.backoff_base, settings.backoff_base);
    options.backoff_max =
        std::max(options.backoff_base, or_default(options.backoff_max, settings.backoff_max));
    if (options.delay.count() > 0) {
        options.run_at = now.unix_ms + std::exchange(options.delay, {}).count();
    }
    if (options.expires_in.count() > 0) {
        options.expires_at = now.unix_ms + std::exchange(options.expires_in, {}).count();
    }
    return options;
}

// What a lease weighs. Behind a task of unknown length nothing should wait.
std::uint32_t estimate_us(const TypeInfo& type) {
    constexpr std::uint32_t most = 4'000'000'000;
    return type.measured ? static_cast<std::uint32_t>(std::clamp<double>(type.average_us, 0, most))
                         : most;
}

void end_lease(Books& books, TaskIndex index) {
    const Task& task = books.tasks[index];
    const WorkerIndex worker = task.last().worker;
    books.workers.release(index, slot_class_of(books, task), books.tasks);
    if (books.workers[worker].suspect == index) {
        books.workers.resume(worker);
    }
}

void queue_again(Books& books, TaskIndex index) {
    Task& task = books.tasks[index];
    if (task.suspect) {
        books.suspects.push_back({{index, task.id}});
        return;
    }
    books.lanes[task.lane].push(index, task.ticket);
    books.lanes.mark_ready(task.lane);
}

void note_void_appointment(Books& books) {
    books.appointments.note_void([&](const Appointment& entry) { return is_meant(books, entry); });
}

// An entry is left where the task has waited.
void leave_line(Books& books, const Task& task, TaskState waited_as) {
    if (waited_as == TaskState::scheduled) {
        note_void_appointment(books);
    } else if (waited_as == TaskState::retrying) {
        books.deadlines.note_void(
            [&](const Deadline& deadline) { return is_meant(books, deadline); });
    } else if (waited_as == TaskState::queued) {
        books.lanes[task.lane].note_void(books.tasks);
    }
}

// Its time may have come while it was active: then nobody else will notice. By now the wall clock
// may say again that it lies ahead.
void watch_expiry(Books& books, TaskIndex index) {
    if (books.tasks[index].last().expiry_fell_due) {
        books.tasks[index].edit_last().expiry_fell_due = false;
        books.appointments.add({books.tasks[index].expires_at, index});
    }
}

void promise_result(Books& books, TaskIndex index, Sequence sequence, SessionId session) {
    Promise promise{sequence, session, Promise::Kind::result, books.tasks[index].id};
    promise.task = index;
    books.outbox.promise(promise);
}

void finish(Books& books, TaskIndex index, Instant now,
            const std::optional<protocol::Death>& death = {}) {
    Task& task = books.tasks[index];
    task.edit_last().finished_at = now.unix_ms;
    if (task.expires_at > 0) {
        note_void_appointment(books);
    }
    books.lanes.queue_of(task.lane).bytes -= task.body.size_bytes();
    books.counters.open_bytes -= task.body.size_bytes();
    KeptBody body = release_body(books, task);
    task.edit_last().set_progress_note({});
    const std::int64_t started_at = is_archived(books, task) ? task.last().started_at : 0;
    const Sequence sequence =
        task.is_journaled()
            ? books.append(TaskFinished{task.result(), now.unix_ms, started_at, death})
            : 0;
    archive_end(books, index, {books.last_sequence, std::move(body), death});
    remember(books, index, sequence, now.steady);
    const auto tell = [&](SessionId session) { promise_result(books, index, sequence, session); };
    if (task.waiter != no_session && books.sessions.contains(task.waiter)) {
        tell(task.waiter);
    }
    const auto [first, last] = books.more_waiters.equal_range(index);
    for (auto waiter = first; waiter != last; ++waiter) {
        if (books.sessions.contains(waiter->second)) {
            tell(waiter->second);
        }
    }
    books.more_waiters.erase(first, last);
}

}  // namespace

TaskIndex accept(Books& books, const protocol::Submit& submit,
                 const protocol::SubmittedTask& submitted, LaneIndex lane, Instant now) {
    const TaskIndex index = books.tasks.add(submitted.id);
    Task& task = books.tasks[index];
    task.lane = lane;
    const TaskOptions options = with_defaults(submit.options, books.settings, now);
    task.terms = TaskTerms(options);
    task.run_at = options.run_at;
    task.expires_at = options.expires_at;
    keep_body(books, task, submitted.body);
    task.created_at = now.unix_ms;
    task.take_now(now);
    task.ticket = ++books.last_ticket;
    QueueInfo& queue = books.lanes.queue_of(lane);
    ++queue.counts[static_cast<std::size_t>(TaskState::queued) - 1];
    queue.bytes += task.body.size_bytes();
    books.counters.open_bytes += task.body.size_bytes();
    ++books.lanes[lane].known_tasks;
    write_down(books, index);
    line_up(books, index, now);
    return index;
}

void line_up(Books& books, TaskIndex index, Instant now) {
    Task& task = books.tasks[index];
    if (task.expires_at > 0) {
        books.appointments.add({task.expires_at, index});
    }
    if (task.run_at > now.unix_ms) {
        move(books, task, Trigger::postpone);
        books.appointments.add({task.run_at, index});
        return;
    }
    queue_again(books, index);
}

void dispatch(Books& books, TaskIndex index, WorkerIndex worker, Instant now) {
    Task& task = books.tasks[index];
    const TypeInfo& type = books.lanes.type_of(task.lane);
    const SlotClass slot_class =
        books.workers.pool_of(worker).known_class_of(books.lanes[task.lane].type);
    move(books, task, Trigger::dispatch);
    LastRun& run = task.edit_last();
    ++run.runs;
    run.nonce = new_nonce(books.random, index);
    run.recalled = false;
    run.thread = 0;
    run.run = std::chrono::microseconds{0};
    run.started_at = now.unix_ms;
    run.progress_permille = 0;
    run.set_progress_note({});
    run.estimate_us = estimate_us(type);
    books.workers.take(worker, slot_class, index, books.tasks, now.steady);
    watch_waiting_work(books, worker, now);
    const Worker& chosen = books.workers[worker];
    run.set_site(chosen.site);
    books.outbox.give(chosen.session, type.name, books.lanes.queue_of(task.lane).name,
                      task.terms.time_limit(),
                      {current_lease(books, index), body_for_dispatch(books, task)});
}

SlotClass slot_class_of(const Books& books, const Task& task) {
    return books.workers.pool_of(task.last().worker).known_class_of(books.lanes[task.lane].type);
}

Lease current_lease(const Books& books, TaskIndex index) {
    const Task& task = books.tasks[index];
    return {task.id, books.epoch, task.last().runs, task.last().nonce};
}

TaskIndex find_leased(const Books& books, const Lease& lease, WorkerIndex worker) {
    const TaskIndex index = task_of_nonce(lease.nonce);
    if (!books.tasks.is_at(index, lease.task)) {
        return no_index;
    }
    const Task& task = books.tasks[index];
    const bool holds = task.state() == TaskState::active && task.last().worker == worker &&
                       current_lease(books, index) == lease;
    return holds ? index : no_index;
}

void complete(Books& books, TaskIndex index, const protocol::Outcome& outcome, Instant now) {
    end_lease(books, index);
    Task& task = books.tasks[index];
    LastRun& run = task.edit_last();
    run.output = KeptBody(outcome.output);
    run.thread = outcome.thread;
    run.run = outcome.run;
    run.set_error(std::nullopt);
    task.suspect = false;
    move(books, task, Trigger::complete);
    finish(books, index, now);
}

void fail_attempt(Books& books, TaskIndex index, const Failure& failure, Instant now) {
    Task& task = books.tasks[index];
    if (task.cancel_requested) {
        cancel(books, index, now);
        return;
    }
    ++task.edit_last().charged;
    if (task.last().charged >= task.terms.max_attempts()) {
        give_up(books, index, failure, now);
        return;
    }
    end_lease(books, index);
    // Short while the task is open: millions of them may wait for another attempt.
    const Error& error = failure.error;
    task.edit_last().set_error(
        Error{error.code, std::string(beginning(error.message, lasting_text_bytes))});
    move(books, task, Trigger::retry);
    task.ticket = ++books.last_ticket;
    const auto wait = retry_delay(task.terms.options(), task.last().charged, books.random.next());
    task.run_at = now.unix_ms + std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    protocol::AttemptReport report = report_of(task, failure.death);
    books.append(task, AttemptFailed{task.id, task.last().runs, task.last().charged,
                                     task.last().alone_deaths, task.ticket, task.run_at, report});
    keep_report(books, index, std::move(report));
    // By the steady clock, lest somebody who sets the other one back keeps it waiting.
    books.deadlines.add({now.steady + wait, Deadline::Kind::wake_task, index, task.ticket});
    watch_expiry(books, index);
    offer_to_put_away(books, index);
}

void give_back(Books& books, TaskIndex index, Instant now) {
    Task& task = books.tasks[index];
    if (task.cancel_requested) {
        cancel(books, index, now);
        return;
    }
    end_lease(books, index);
    move(books, task, Trigger::give_back);
    queue_again(books, index);
    watch_expiry(books, index);
    offer_to_put_away(books, index);
}

void give_back_as_suspect(Books& books, TaskIndex index, Instant now) {
    books.tasks[index].suspect = true;
    give_back(books, index, now);
}

void give_up(Books& books, TaskIndex index, const Failure& failure, Instant now) {
    Task& task = books.tasks[index];
    if (task.cancel_requested) {
        cancel(books, index, now);
        return;
    }
    if (task.state() == TaskState::active) {
        end_lease(books, index);
    }
    task.edit_last().dead_reason = failure.reason;
    task.edit_last().set_error(failure.error);
    move(books, task, Trigger::give_up);
    finish(books, index, now, failure.death);
}

void cancel(Books& books, TaskIndex index, Instant now) {
    Task& task = books.tasks[index];
    const TaskState before = task.state();
    if (before == TaskState::active) {
        end_lease(books, index);
    }
    task.edit_last().set_error(Error{ErrorCode::cancelled, "the task was cancelled"});
    move(books, task, Trigger::cancel);
    leave_line(books, task, before);
    finish(books, index, now);
}

bool is_meant(const Books& books, const Appointment& appointment) {
    if (!books.tasks.used(appointment.task)) {
        return false;
    }
    const Task& task = books.tasks[appointment.task];
    return (task.state() == TaskState::scheduled && task.run_at == appointment.due) ||
           (!is_final(task.state()) && task.expires_at == appointment.due);
}

void keep(Books& books, const Appointment& appointment, Instant now) {
    if (!is_meant(books, appointment)) {
        return;
    }
    Task& task = books.tasks[appointment.task];
    const TaskState before = task.state();
    if (task.expires_at != appointment.due) {
        wake(books, appointment.task);
    } else if (before != TaskState::active) {
        task.edit_last().set_error(Error{ErrorCode::expired, "the task was not started in time"});
        move(books, task, Trigger::expire);
        leave_line(books, task, before);
        finish(books, appointment.task, now);
    } else {
        task.edit_last().expiry_fell_due = true;
    }
}

bool is_meant(const Books& books, const Deadline& deadline) {
    if (deadline.kind != Deadline::Kind::wake_task) {
        return true;
    }
    const TaskIndex index = deadline.index;
    return books.tasks.used(index) && books.tasks[index].ticket == deadline.ticket &&
           books.tasks[index].state() == TaskState::retrying;
}

void wake(Books& books, TaskIndex index) {
    move(books, books.tasks[index], Trigger::wake);
    queue_again(books, index);
}

void add_waiter(Books& books, TaskIndex index, SessionId session) {
    Task& task = books.tasks[index];
    if (is_final(task.state())) {
        promise_result(books, index, books.safe_with(task), session);
        return;
    }
    const auto [first, last] = books.more_waiters.equal_range(index);
    const auto is_this = [&](const auto& entry) { return entry.second == session; };
    if (task.waiter == session || std::any_of(first, last, is_this)) {
        return;
    }
    if (!books.sessions.contains(task.waiter)) {
        task.waiter = session;
        return;
    }
    // In the place of one that has left, so that reconnecting does not make the list longer.
    const auto left = std::find_if(
        first, last, [&](const auto& entry) { return !books.sessions.contains(entry.second); });
    if (left != last) {
        left->second = session;
        return;
    }
    if (static_cast<std::size_t>(std::distance(first, last)) >= books.settings.waiters_max) {
        books.outbox.refuse(session,
                            {ErrorCode::busy, "too many sessions wait for this task; ask again"},
                            {task.id}, books.settings.busy_retry_after);
        return;
    }
    books.more_waiters.emplace(index, session);
}

}  // namespace penstock::broker
