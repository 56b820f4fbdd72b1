#include "broker/core/producer_desk.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

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

// In the largest unit that there are at least two of.
std::string about(std::int64_t duration_ms) {
    const std::int64_t seconds = std::max<std::int64_t>(duration_ms, 0) / 1'000;
    if (seconds >= 7'200) {
        return std::to_string(seconds / 3'600) + " h";
    }
    return seconds >= 120 ? std::to_string(seconds / 60) + " min" : std::to_string(seconds) + " s";
}

// Why an id that is not known cannot be taken for a new one, or nothing if it can.
std::optional<Error> doubt_about(const Books& books, const TaskId& id, Instant now) {
    if (!is_dated(id)) {
        return std::nullopt;
    }
    const std::int64_t age_ms = now.unix_ms - created_unix_ms(id);
    if (books.remembered.is_below_floor(id)) {
        return Error{ErrorCode::expired,
                     "the id was made " + about(age_ms) +
                         " ago, and the broker remembers those of the last " +
                         about(now.unix_ms - books.remembered.floor_ms()) +
                         ", so it cannot be told whether this task ran before; if it did not, "
                         "submit it with a new id"};
    }
    if (-age_ms > books.settings.dedup_ahead_max.count()) {
        return Error{ErrorCode::malformed,
                     "the id was made " + about(-age_ms) +
                         " from now by the broker's clock: set the clock that is wrong, and submit "
                         "it with a new id"};
    }
    return std::nullopt;
}

// What is the same for all tasks of a SUBMIT.
struct Arrival {
    SessionId session;
    const protocol::Submit& submit;
    LaneIndex lane;
    Instant now;
};

// Of a task that has ended and been forgotten; returns whether it has.
bool confirm_forgotten(Books& books, const Arrival& arrival, const TaskId& id) {
    const RememberedIds::Memory memory = books.remembered.find(id);
    if (memory == RememberedIds::Memory::none) {
        return false;
    }
    const Durability asked = arrival.submit.options.durability;
    const bool is_durable = asked != Durability::memory;
    if (is_durable && memory == RememberedIds::Memory::in_memory) {
        remember_ids(books, {0, arrival.now.unix_ms, {id}});
    }
    const Sequence safe_with = is_durable ? books.last_sequence : 0;
    books.outbox.promise({safe_with, arrival.session, Promise::Kind::receipt, id, asked});
    if (arrival.submit.options.notify) {
        books.outbox.promise({safe_with, arrival.session, Promise::Kind::result, id});
    }
    return true;
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

// The error if it is refused.
std::optional<Error> take_in(Books& books, const Arrival& arrival,
                             const protocol::SubmittedTask& task) {
    const TaskOptions& options = arrival.submit.options;
    TaskIndex index = books.tasks.find(task.id);
    if (index == no_index) {
        if (confirm_forgotten(books, arrival, task.id)) {
            return std::nullopt;
        }
        if (auto doubt = doubt_about(books, task.id, arrival.now)) {
            return doubt;
        }
        if (auto error =
                refusal_for(books, arrival.lane, options.durability, task.body.size_bytes())) {
            return error;
        }
        index = accept(books, arrival.submit, task, arrival.lane, arrival.now);
    }
    give_receipt(books, index, arrival.session, options.durability);
    if (options.notify) {
        add_waiter(books, index, arrival.session);
    }
    return std::nullopt;
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
    books.remembered.advance(now.unix_ms);
    // Together what is refused for the same reason, with the last one's words.
    Error reason;
    std::vector<TaskId> refused;
    for (std::size_t n = 0; n < submit.tasks.size(); ++n) {
        if (n + 2 * tasks_ahead < submit.tasks.size()) {
            books.tasks.prefetch_part(submit.tasks[n + 2 * tasks_ahead].id);
        }
        if (n + tasks_ahead < submit.tasks.size()) {
            books.tasks.prefetch(submit.tasks[n + tasks_ahead].id);
        }
        const protocol::SubmittedTask& task = submit.tasks[n];
        std::optional<Error> error = take_in(books, {session, submit, *lane, now}, task);
        if (!error) {
            continue;
        }
        if (!refused.empty() && error->code != reason.code) {
            refuse(books, session, reason, std::exchange(refused, {}));
        }
        reason = std::move(*error);
        refused.push_back(task.id);
    }
    if (!refused.empty()) {
        refuse(books, session, reason, refused);
    }
}

void handle_await(Books& books, SessionId session, const protocol::Await& await) {
    // Each once: the result of one id asked for a thousand times would be sent a thousand times.
    const std::set<TaskId> ids(await.ids.begin(), await.ids.end());
    std::vector<TaskId> unknown;
    for (const TaskId& id : ids) {
        const TaskIndex index = books.tasks.find(id);
        if (index != no_index) {
            add_waiter(books, index, session);
        } else if (books.remembered.find(id) != RememberedIds::Memory::none) {
            books.outbox.promise({0, session, Promise::Kind::result, id});
        } else {
            unknown.push_back(id);
        }
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
            const bool is_remembered = books.remembered.find(id) != RememberedIds::Memory::none;
            (is_remembered ? ended : unknown).push_back(id);
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
