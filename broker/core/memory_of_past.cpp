#include "broker/core/memory_of_past.hpp"

namespace penstock::broker {
namespace {

bool is_current(const Books& books, const TaskRef& entry) {
    return books.tasks.used(entry.task) && books.tasks[entry.task].id == entry.id;
}

void drop_output(Books& books, const TaskRef& entry) {
    if (!is_current(books, entry)) {
        return;
    }
    Task& task = books.tasks[entry.task];
    books.counters.result_bytes -= task.output.size_bytes();
    task.output = {};
    task.output_expired = true;
}

bool output_is_due(const Books& books, const TaskRef& entry, Instant now) {
    if (!is_current(books, entry) ||
        books.counters.result_bytes > books.settings.results_bytes_max) {
        return true;
    }
    return now.unix_ms - books.tasks[entry.task].finished_at > books.settings.result_ttl.count();
}

void forget_task(Books& books, const TaskRef& entry) {
    const Task& task = books.tasks[entry.task];
    --books.lanes.queue_of(task.lane).counts[static_cast<std::size_t>(task.state()) - 1];
    books.counters.result_bytes -= task.output.size_bytes();
    --books.counters.finished;
    books.tasks.remove(entry.task);
}

}  // namespace

void forget_the_past(Books& books, Instant now) {
    while (books.counters.finished > books.settings.finished_tasks_max) {
        forget_task(books, books.finished.front());
        books.finished.pop_front();
    }
    // Second, so that no entry outlives its task: the same id could come back to the same position.
    while (!books.outputs.empty() && output_is_due(books, books.outputs.front(), now)) {
        drop_output(books, books.outputs.front());
        books.outputs.pop_front();
    }
}

}  // namespace penstock::broker
