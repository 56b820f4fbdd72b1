#include "broker/core/recovery.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "broker/core/archiving.hpp"
#include "broker/core/bodies.hpp"
#include "broker/core/journal_upkeep.hpp"
#include "broker/core/lifecycle.hpp"
#include "broker/core/memory_of_past.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

// Through the states that lead there, since only the table says what may follow what.
void bring_to(Task& task, TaskState state) {
    if (task.state() == TaskState::retrying) {
        task.apply(Trigger::wake);
    }
    switch (state) {
        case TaskState::completed:
            task.apply(Trigger::dispatch);
            task.apply(Trigger::complete);
            return;
        case TaskState::retrying:
            task.apply(Trigger::dispatch);
            task.apply(Trigger::retry);
            return;
        case TaskState::dead: task.apply(Trigger::give_up); return;
        case TaskState::cancelled: task.apply(Trigger::cancel); return;
        case TaskState::expired: task.apply(Trigger::expire); return;
        case TaskState::scheduled:
        case TaskState::queued:
        case TaskState::active:
        case TaskState::blocked: break;
    }
    PENSTOCK_ASSERT(false);
}

std::uint64_t& count_of(Books& books, const Task& task) {
    return books.lanes.queue_of(task.lane).counts[static_cast<std::size_t>(task.state()) - 1];
}

// When, on the steady clock, it was that wall-clock time: at the latest now, since wall clocks are
// set back.
TimePoint steady_at(std::int64_t unix_ms, Instant now) {
    const auto ago = std::chrono::milliseconds(std::max<std::int64_t>(now.unix_ms - unix_ms, 0));
    return now.steady - ago;
}

}  // namespace

void Recovery::take(const Record& record, Sequence sequence) {
    books_.journal_bytes +=
        std::visit([](const auto& known) { return journal_bytes(known); }, record);
    if (const auto* accepted = std::get_if<TaskAccepted>(&record)) {
        take(*accepted, sequence);
    } else if (const auto* failed = std::get_if<AttemptFailed>(&record)) {
        take(*failed);
    } else if (const auto* asked = std::get_if<CancelRequested>(&record)) {
        take(*asked);
    } else if (const auto* finished = std::get_if<TaskFinished>(&record)) {
        take(*finished, sequence);
    } else if (const auto* forgotten = std::get_if<TasksForgotten>(&record)) {
        take(*forgotten, sequence);
    }
}

void Recovery::take(const TaskAccepted& record, Sequence sequence) {
    TaskIndex index = books_.tasks.find(record.id);
    if (index == no_index) {
        index = books_.tasks.add(record.id);
    } else {
        // The same, written again; or an id without a date, forgotten long ago and submitted anew.
        --books_.lanes[books_.tasks[index].lane].known_tasks;
        static_cast<void>(release_body(books_, books_.tasks[index]));
        books_.tasks[index] = Task();
        static_cast<void>(books_.histories.take(index));
    }
    // Whatever the limit is today: what was accepted stays.
    constexpr std::uint32_t no_limit = std::numeric_limits<std::uint32_t>::max();
    Task& task = books_.tasks[index];
    task.id = record.id;
    task.lane = books_.lanes.intern(record.type, record.queue, no_limit).value();
    task.terms = TaskTerms(record.options);
    task.run_at = record.options.run_at;
    task.expires_at = record.options.expires_at;
    keep_body(books_, task, record.body);
    task.created_at = record.created_at;
    task.ticket = record.ticket;
    books_.last_ticket = std::max(books_.last_ticket, record.ticket);
    ++books_.lanes[task.lane].known_tasks;
    keep_record(books_, index, sequence);
    put_away(books_, sequence);
}

Task* Recovery::open_task(const TaskId& id) {
    const TaskIndex index = books_.tasks.find(id);
    if (index == no_index || is_final(books_.tasks[index].state())) {
        return nullptr;
    }
    return &books_.tasks[index];
}

std::shared_ptr<const Site> Recovery::shared(const Site& site) {
    std::shared_ptr<const Site>& known = sites_[site];
    if (!known) {
        known = std::make_shared<const Site>(site);
    }
    return known;
}

void Recovery::take(const AttemptFailed& record) {
    if (Task* const task = open_task(record.id)) {
        bring_to(*task, TaskState::retrying);
        LastRun& run = task->edit_last();
        run.runs = record.runs;
        run.charged = record.charged;
        run.alone_deaths = record.alone_deaths;
        task->ticket = record.ticket;
        task->run_at = record.run_at;
        books_.last_ticket = std::max(books_.last_ticket, record.ticket);
        if (record.report) {
            run.set_site(shared(record.report->site));
            run.started_at = record.report->started_at;
            run.set_error(record.report->error);
            keep_report(books_, books_.tasks.find(task->id), *record.report);
        }
    }
}

void Recovery::take(const CancelRequested& record) {
    if (Task* const task = open_task(record.id)) {
        task->cancel_requested = true;
    }
}

void Recovery::take(const TaskFinished& record, Sequence sequence) {
    Task* const task = open_task(record.result.id);
    if (task == nullptr) {
        return;
    }
    bring_to(*task, record.result.state);
    LastRun& run = task->edit_last();
    run.dead_reason = record.result.dead_reason;
    run.runs = record.result.attempts;
    run.set_site(shared(record.result.site));
    run.thread = record.result.thread;
    run.run = record.result.run;
    run.set_error(record.result.error);
    run.output = KeptBody(record.result.output);
    run.started_at = record.started_at;
    run.finished_at = record.finished_at;
    const TaskIndex index = books_.tasks.find(task->id);
    ends_.push_back({index, task->id});
    KeptBody body = release_body(books_, *task);
    // What was written again had been archived before, and may have been removed from there since.
    if (sequence > books_.archived && (!record.again || books_.archived == 0)) {
        archive_end(books_, index, {sequence, std::move(body), record.death, record.again});
    } else {
        static_cast<void>(books_.histories.take(index));
    }
}

void Recovery::take(const TasksForgotten& record, Sequence sequence) {
    const KeptIds kept{sequence, static_cast<std::uint32_t>(books_.journal_bytes >> 10U)};
    books_.remembered.raise_floor(record.floor_ms, books_.started_at);
    for (const TaskId& id : record.ids) {
        const TaskIndex index = books_.tasks.find(id);
        if (index != no_index && is_final(books_.tasks[index].state())) {
            forget(index);
        }
        books_.remembered.remember(id, record.forgotten_at, kept);
    }
    books_.remembered.told_floor(record.floor_ms, kept);
}

void Recovery::forget(TaskIndex index) {
    --books_.lanes[books_.tasks[index].lane].known_tasks;
    books_.tasks.remove(index);
    note_forgotten(books_);
}

void Recovery::end(Sequence last, Instant now) {
    books_.last_sequence = last;
    books_.outbox.became_durable(last);
    line_up(now);
    remember_ends(now);
    cancel_what_was_to_be(now);
}

void Recovery::line_up(Instant now) {
    std::vector<TaskIndex> open;
    for (TaskIndex index = 0; index < books_.tasks.capacity(); ++index) {
        if (books_.tasks.used(index)) {
            ++count_of(books_, books_.tasks[index]);
            if (!is_final(books_.tasks[index].state())) {
                open.push_back(index);
            }
        }
    }
    std::ranges::sort(open, {}, [this](TaskIndex index) { return books_.tasks[index].ticket; });
    for (const TaskIndex index : open) {
        Task& task = books_.tasks[index];
        task.take_now(now);
        books_.lanes[task.lane].recovered = true;
        books_.lanes.queue_of(task.lane).bytes += task.body.size_bytes();
        books_.counters.open_bytes += task.body.size_bytes();
        if (task.state() == TaskState::retrying) {
            wait_on(index, now);
        } else {
            broker::line_up(books_, index, now);
        }
    }
}

void Recovery::wait_on(TaskIndex index, Instant now) {
    const Task& task = books_.tasks[index];
    const std::chrono::milliseconds left(task.run_at - now.unix_ms);
    // Whoever has set the wall clock back meanwhile does not make it wait longer.
    const auto wait = std::clamp(left, std::chrono::milliseconds{0}, task.terms.backoff_max());
    books_.deadlines.add({now.steady + wait, Deadline::Kind::wake_task, index, task.ticket});
    if (task.expires_at > 0) {
        books_.appointments.add({task.expires_at, index});
    }
}

void Recovery::remember_ends(Instant now) {
    // The last end of each task counts; one that came back and is open has none.
    std::unordered_set<TaskIndex> seen;
    std::vector<TaskIndex> ended;
    for (auto end = ends_.rbegin(); end != ends_.rend(); ++end) {
        if (is_current(books_.tasks, *end) && seen.insert(end->task).second &&
            is_final(books_.tasks[end->task].state())) {
            ended.push_back(end->task);
        }
    }
    // By time: one that was written again is not the newest for that.
    std::ranges::reverse(ended);
    std::ranges::stable_sort(
        ended, {}, [this](TaskIndex index) { return books_.tasks[index].last().finished_at; });
    for (const TaskIndex index : ended) {
        remember(books_, index, books_.last_sequence,
                 steady_at(books_.tasks[index].last().finished_at, now));
    }
    ends_.clear();
}

void Recovery::cancel_what_was_to_be(Instant now) {
    for (TaskIndex index = 0; index < books_.tasks.capacity(); ++index) {
        if (books_.tasks.used(index) && books_.tasks[index].cancel_requested &&
            !is_final(books_.tasks[index].state())) {
            cancel(books_, index, now);
        }
    }
}

}  // namespace penstock::broker
