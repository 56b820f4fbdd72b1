#include "broker/core/memory_of_past.hpp"

#include "broker/core/journal_upkeep.hpp"

namespace penstock::broker {
namespace {

// Whoever waits for it has been told.
bool has_been_told(const Books& books, const EndedTask& entry) {
    return entry.sequence <= books.outbox.told_up_to();
}

void drop_result(Books& books, const EndedTask& entry) {
    if (is_current(books.tasks, entry.ref)) {
        Task& task = books.tasks[entry.ref.task];
        books.counters.result_bytes -= task.result_bytes();
        task.drop_result();
        books.counters.result_bytes += task.result_bytes();
    }
}

bool result_is_due(const Books& books, const EndedTask& entry, Instant now) {
    return !is_current(books.tasks, entry.ref) ||
           books.counters.result_bytes > books.settings.results_bytes_max ||
           now.steady - entry.ended_at > books.settings.result_ttl;
}

// Adds its id to those whose memory is to be written down, or remembers it without.
void forget_task(Books& books, TaskIndex index, TasksForgotten& forgotten) {
    const Task& task = books.tasks[index];
    --books.lanes.queue_of(task.lane).counts[static_cast<std::size_t>(task.state()) - 1];
    --books.lanes[task.lane].known_tasks;
    books.counters.result_bytes -= task.result_bytes();
    --books.counters.finished;
    const TaskId id = task.id;
    const bool was_journaled = task.is_journaled();
    books.tasks.remove(index);
    if (was_journaled) {
        forgotten.ids.push_back(id);
        note_forgotten(books);
    } else {
        books.remembered.remember(id, forgotten.forgotten_at, std::nullopt);
    }
}

// Far enough ahead that what is asked for has come when it is its turn: in three steps, as each
// says where the next one is.
void prefetch_ahead(const Books& books) {
    constexpr std::size_t step = tasks_ahead;
    const auto& finished = books.finished;
    if (finished.size() > 3 * step) {
        const TaskRef& far = finished[3 * step].ref;
        books.tasks.prefetch(far.task);
        books.tasks.prefetch_part(far.id);
        books.tasks.prefetch(finished[2 * step].ref.id);
        books.tasks.prefetch_run(finished[2 * step].ref.task);
        books.tasks.prefetch_output(finished[step].ref.task);
        books.remembered.prefetch(finished[step].ref.id);
    }
}

}  // namespace

void remember(Books& books, TaskIndex index, Sequence sequence, TimePoint ended_at) {
    const Task& task = books.tasks[index];
    const EndedTask ended{{index, task.id}, sequence, ended_at};
    ++books.counters.finished;
    books.finished.push_back(ended);
    if (task.result_bytes() > 0) {
        books.counters.result_bytes += task.result_bytes();
        books.results.push_back(ended);
    }
}

void forget_the_past(Books& books, Instant now) {
    books.remembered.advance(now.unix_ms);
    TasksForgotten forgotten{0, now.unix_ms, {}};
    auto& finished = books.finished;
    while (!finished.empty() && has_been_told(books, finished.front()) &&
           (finished.size() > books.settings.finished_tasks_max ||
            now.steady - finished.front().ended_at > books.settings.finished_ttl)) {
        prefetch_ahead(books);
        forget_task(books, finished.front().ref.task, forgotten);
        finished.pop_front();
    }
    if (!forgotten.ids.empty() || books.remembered.owes_floor()) {
        remember_ids(books, forgotten);
    }
    // Second, so that no entry outlives its task: the same id could come back to the same position.
    auto& results = books.results;
    while (!results.empty() && has_been_told(books, results.front()) &&
           result_is_due(books, results.front(), now)) {
        drop_result(books, results.front());
        results.pop_front();
    }
}

}  // namespace penstock::broker
