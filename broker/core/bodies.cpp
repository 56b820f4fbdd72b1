#include "broker/core/bodies.hpp"

#include <utility>

#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

// What is asked for at a time: enough that the reading is shared by many, little enough that it
// takes about a millisecond and little memory.
constexpr std::size_t fetched_tasks_max = 1'024;
constexpr std::uint64_t fetched_bytes_max = std::uint64_t{1} << 20U;
// What may be fetched ahead for all lanes together; beyond it each one gets its next task's alone.
constexpr std::uint64_t fetched_ahead_max = std::uint64_t{64} << 20U;

bool is_over(const Books& books) {
    return books.counters.bodies_here_bytes > books.settings.bodies_here_bytes_max;
}

// A suspect is dispatched from another line, which does not fetch.
bool may_be_away(const Task& task) {
    const TaskState state = task.state();
    return task.is_journaled() && !task.suspect &&
           (state == TaskState::queued || state == TaskState::scheduled ||
            state == TaskState::retrying);
}

void no_longer_ahead(Books& books, Task& task) {
    if (task.fetched) {
        books.counters.fetched_bytes -= task.body.size_bytes();
        task.fetched = false;
    }
}

}  // namespace

void keep_body(Books& books, Task& task, const Body& body) {
    task.body = KeptBody(body);
    books.counters.bodies_here_bytes += task.body.size_bytes();
}

Body body_for_dispatch(Books& books, Task& task) {
    no_longer_ahead(books, task);
    return task.body.whole();
}

KeptBody release_body(Books& books, Task& task) {
    no_longer_ahead(books, task);
    if (task.body.is_here()) {
        books.counters.bodies_here_bytes -= task.body.size_bytes();
    }
    return std::exchange(task.body, {});
}

void offer_to_put_away(Books& books, TaskIndex index) {
    if (is_over(books) && may_be_away(books.tasks[index])) {
        books.to_put_away.push_back({books.tasks[index].accepted_with, index});
    }
}

void put_away(Books& books, Sequence durable) {
    while (!books.to_put_away.empty() && books.to_put_away.front().sequence <= durable) {
        const auto [sequence, index] = books.to_put_away.front();
        books.to_put_away.pop_front();
        if (!is_over(books) || !books.tasks.used(index)) {
            continue;
        }
        Task& task = books.tasks[index];
        if (task.accepted_with == sequence && may_be_away(task) && task.body.is_here()) {
            no_longer_ahead(books, task);
            books.counters.bodies_here_bytes -= task.body.size_bytes();
            task.body.put_away();
        }
    }
}

void fetch_next(Books& books, LaneIndex lane) {
    const bool is_far_ahead = books.counters.fetched_bytes > fetched_ahead_max;
    const std::uint64_t bytes_max = is_far_ahead ? 1 : fetched_bytes_max;
    std::uint64_t bytes = 0;
    std::size_t tasks = 0;
    books.lanes[lane].visit_next(books.tasks, [&](TaskIndex index) {
        const Task& task = books.tasks[index];
        if (!task.body.is_here()) {
            fetch(books, task);
            bytes += task.body.size_bytes();
        }
        return ++tasks < fetched_tasks_max && bytes < bytes_max;
    });
}

void fetch(Books& books, const Task& task) {
    PENSTOCK_ASSERT(!task.body.is_here());
    books.wanted_bodies.push_back(task.accepted_with);
}

void handle_bodies(Books& books, const BodiesRead& read) {
    for (const BodyRead& one : read.bodies) {
        const TaskIndex index = books.tasks.find(one.id);
        if (index == no_index) {
            continue;
        }
        Task& task = books.tasks[index];
        if (task.accepted_with != one.sequence || task.body.is_here()) {
            continue;
        }
        PENSTOCK_ASSERT(one.body.size_bytes() == task.body.size_bytes());
        keep_body(books, task, one.body);
        task.fetched = true;
        books.counters.fetched_bytes += task.body.size_bytes();
    }
}

}  // namespace penstock::broker
