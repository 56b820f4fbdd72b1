#include "broker/core/producer_desk.hpp"

#include <optional>
#include <set>
#include <string>

#include "broker/core/journal_upkeep.hpp"
#include "broker/core/lifecycle.hpp"

namespace penstock::broker {
namespace {

// How much there is of what is limited.
struct Room {
    std::uint64_t tasks;
    std::uint64_t tasks_max;
    std::uint64_t bytes;
    std::uint64_t bytes_max;
};

// What fills it, if one more task of this size finds no place.
std::optional<std::string> lack_of_room(const Room& room, std::size_t size_bytes) {
    if (room.tasks >= room.tasks_max) {
        return std::to_string(room.tasks_max) + " open tasks";
    }
    if (room.bytes + size_bytes > room.bytes_max) {
        return "tasks of " + std::to_string(room.bytes) + " of " + std::to_string(room.bytes_max) +
               " bytes";
    }
    return std::nullopt;
}

Error busy(const std::string& who, const std::string& held) {
    return {ErrorCode::busy, who + " is full: it holds " + held + "; wait and send again"};
}

// Why not one more task of this size now, or nothing if there is room.
std::optional<Error> refusal_for(Books& books, LaneIndex lane, Durability durability,
                                 std::size_t size_bytes) {
    const Settings& settings = books.settings;
    if (books.disk.nearly_full && durability != Durability::memory) {
        return Error{ErrorCode::disk_full,
                     "the broker's disk is nearly full: make room there; what has been accepted "
                     "goes on"};
    }
    const QueueInfo& queue = books.lanes.queue_of(lane);
    if (const auto held = lack_of_room(
            {queue.open_tasks(), settings.queue_tasks_max, queue.bytes, settings.queue_bytes_max},
            size_bytes)) {
        return busy("queue '" + queue.name + "'", *held);
    }
    if (const auto held = lack_of_room(
            {books.open_tasks() + books.archive_debt.tasks(), settings.tasks_max,
             books.counters.open_bytes + books.archive_debt.bytes(), settings.bytes_max},
            size_bytes)) {
        return busy("the broker", *held);
    }
    return std::nullopt;
}

Error cannot_be_had(const Books& books, Durability asked) {
    const std::string held =
        books.settings.durability == Durability::memory
            ? "in memory only: ask for durability 'memory', or start it without --memory"
            : "on its own disk only";
    return {ErrorCode::durability, "durability '" + std::string(name(asked)) +
                                       "' cannot be had: this broker keeps tasks " + held};
}

std::vector<TaskId> ids_of(const protocol::Submit& submit) {
    std::vector<TaskId> ids;
    ids.reserve(submit.tasks.size());
    for (const protocol::SubmittedTask& task : submit.tasks) {
        ids.push_back(task.id);
    }
    return ids;
}

void refuse(Books& books, SessionId session, const Error& error, const std::vector<TaskId>& ids) {
    books.counters.refused += ids.size();
    books.outbox.refuse(session, error, ids,
                        error.code == ErrorCode::busy ? books.settings.busy_retry_after
                                                      : std::chrono::milliseconds{0});
}

// The lane of the message, known to the workers that serve it; nothing if there are too many.
std::optional<LaneIndex> lane_for(Books& books, const protocol::Submit& submit) {
    std::optional<LaneIndex> lane = books.lanes.find(submit.type, submit.queue);
    if (!lane) {
        lane = books.lanes.intern(submit.type, submit.queue, books.settings.lanes_max);
        if (lane) {
            books.workers.connect_lane(*lane, books.lanes);
        }
    }
    return lane;
}

// Of a task that is known, at the level that it has or is asked for, whichever is safer.
void give_receipt(Books& books, TaskIndex index, SessionId session, Durability asked) {
    Task& task = books.tasks[index];
    if (asked > task.terms.durability()) {
        task.terms.set_durability(asked);
        write_down(books, index);
    }
    books.outbox.promise(
        {books.safe_with(task), session, Promise::Kind::receipt, task.id, task.terms.durability()});
}

}  // namespace

void handle_submit(Books& books, SessionId session, const protocol::Submit& submit, Instant now) {
    if (submit.tasks.empty()) {
        return;
    }
    if (submit.options.durability > books.settings.durability) {
        refuse(books, session, cannot_be_had(books, submit.options.durability), ids_of(submit));
        return;
    }
    const std::optional<LaneIndex> lane = lane_for(books, submit);
    if (!lane) {
        refuse(
            books, session,
            {ErrorCode::busy,
             "there are tasks, open or remembered, of " + std::to_string(books.settings.lanes_max) +
                 " pairs of a queue and a type; use one of these, or wait until the "
                 "broker has forgotten all tasks of one"},
            ids_of(submit));
        return;
    }
    Error no_room;
    std::vector<TaskId> refused;
    for (const protocol::SubmittedTask& task : submit.tasks) {
        TaskIndex index = books.tasks.find(task.id);
        if (index == no_index) {
            if (auto error =
                    refusal_for(books, *lane, submit.options.durability, task.body.size_bytes())) {
                no_room = std::move(*error);
                refused.push_back(task.id);
                continue;
            }
            index = accept(books, submit, task, *lane, now);
        }
        give_receipt(books, index, session, submit.options.durability);
        if (submit.options.notify) {
            add_waiter(books, index, session);
        }
    }
    if (!refused.empty()) {
        refuse(books, session, no_room, refused);
    }
}

void handle_await(Books& books, SessionId session, const protocol::Await& await) {
    // Each once: the result of one id asked for a thousand times would be sent a thousand times.
    const std::set<TaskId> ids(await.ids.begin(), await.ids.end());
    std::vector<TaskId> unknown;
    for (const TaskId& id : ids) {
        const TaskIndex index = books.tasks.find(id);
        if (index == no_index) {
            unknown.push_back(id);
            continue;
        }
        add_waiter(books, index, session);
    }
    if (!unknown.empty()) {
        books.outbox.refuse(
            session, {ErrorCode::not_found, "no such task, or it has been forgotten"}, unknown);
    }
}

void handle_cancel(Books& books, SessionId session, const protocol::Cancel& request, Instant now) {
    std::vector<TaskId> unknown;
    std::vector<TaskId> ended;
    for (const TaskId& id : request.ids) {
        const TaskIndex index = books.tasks.find(id);
        if (index == no_index) {
            unknown.push_back(id);
            continue;
        }
        Task& task = books.tasks[index];
        if (is_final(task.state())) {
            ended.push_back(id);
            continue;
        }
        if (task.state() == TaskState::active) {
            if (!task.cancel_requested) {
                task.cancel_requested = true;
                books.append(task, CancelRequested{id});
                books.outbox.stop(books.workers[task.last().worker].session,
                                  current_lease(books, index));
            }
        } else {
            cancel(books, index, now);
        }
        books.outbox.promise({books.safe_with(task), session, Promise::Kind::cancelling, id});
    }
    if (!unknown.empty()) {
        books.outbox.refuse(
            session, {ErrorCode::not_found, "no such task, or it has been forgotten"}, unknown);
    }
    if (!ended.empty()) {
        // Nobody may hear of an end that a crash could take back.
        books.outbox.say_once_durable(
            books.last_sequence, session,
            protocol::Refusal{{ErrorCode::conflict, "the task has ended already"}, {}, ended});
    }
}

}  // namespace penstock::broker
