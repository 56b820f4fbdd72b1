#include "broker/core/producer_desk.hpp"

#include <optional>
#include <string>

#include "broker/core/lifecycle.hpp"

namespace penstock::broker {
namespace {

// Why not one more task of this size, or nothing if there is room.
std::optional<Error> refusal_for(Books& books, LaneIndex lane, std::size_t size_bytes) {
    const Settings& settings = books.settings;
    if (size_bytes > 2 * settings.body_max_bytes) {
        return Error{ErrorCode::too_large, "args and payload of a task may have at most " +
                                               std::to_string(settings.body_max_bytes) +
                                               " bytes each"};
    }
    const QueueInfo& queue = books.lanes.queue_of(lane);
    if (queue.open_tasks() >= settings.queue_tasks_max) {
        return Error{ErrorCode::busy, "queue '" + queue.name + "' is full: it holds " +
                                          std::to_string(settings.queue_tasks_max) +
                                          " open tasks; wait and send again"};
    }
    if (queue.bytes + size_bytes > settings.queue_bytes_max) {
        return Error{ErrorCode::busy, "queue '" + queue.name + "' is full: its tasks hold " +
                                          std::to_string(queue.bytes) + " of " +
                                          std::to_string(settings.queue_bytes_max) +
                                          " bytes; wait and send again"};
    }
    return std::nullopt;
}

std::vector<TaskId> ids_of(const protocol::Submit& submit) {
    std::vector<TaskId> ids;
    ids.reserve(submit.tasks.size());
    for (const protocol::SubmittedTask& task : submit.tasks) {
        ids.push_back(task.id);
    }
    return ids;
}

void refuse_all(Books& books, SessionId session, const protocol::Submit& submit,
                const Error& error) {
    books.counters.refused += submit.tasks.size();
    books.outbox.refuse(session, error, ids_of(submit),
                        error.code == ErrorCode::busy ? books.settings.busy_retry_after
                                                      : std::chrono::milliseconds{0});
}

// Refused tasks of one message, told in one REFUSAL per reason.
class Refusals {
  public:
    Refusals(Books& books, SessionId session) : books_(books), session_(session) {}

    void add(const TaskId& id, Error error) {
        ++books_.counters.refused;
        if (!ids_.empty() && error.code != error_.code) {
            send();
        }
        error_ = std::move(error);
        ids_.push_back(id);
    }
    void send() {
        if (!ids_.empty()) {
            const bool busy = error_.code == ErrorCode::busy;
            books_.outbox.refuse(
                session_, error_, ids_,
                busy ? books_.settings.busy_retry_after : std::chrono::milliseconds{0});
            ids_.clear();
        }
    }

  private:
    Books& books_;
    SessionId session_;
    Error error_;
    std::vector<TaskId> ids_;
};

}  // namespace

void handle_submit(Books& books, SessionId session, const protocol::Submit& submit, Instant now) {
    if (submit.options.durability != books.settings.durability) {
        refuse_all(books, session, submit,
                   {ErrorCode::durability,
                    "this broker keeps tasks in " + std::string(name(books.settings.durability)) +
                        " only; durability '" + std::string(name(submit.options.durability)) +
                        "' cannot be had"});
        return;
    }
    const std::size_t lanes_before = books.lanes.all().size();
    const std::optional<LaneIndex> lane =
        books.lanes.intern(submit.type, submit.queue, books.settings.lanes_max);
    if (!lane) {
        refuse_all(books, session, submit,
                   {ErrorCode::busy, "too many different types and queues (" +
                                         std::to_string(books.settings.lanes_max) +
                                         "); use existing ones"});
        return;
    }
    if (*lane >= lanes_before) {
        books.workers.connect_lane(*lane, books.lanes);
    }
    Refusals refusals(books, session);
    for (const protocol::SubmittedTask& task : submit.tasks) {
        TaskIndex index = books.tasks.find(task.id);
        if (index == no_index) {
            if (auto error = refusal_for(books, *lane, task.body.size_bytes())) {
                refusals.add(task.id, std::move(*error));
                continue;
            }
            index = accept(books, submit, task, *lane, now);
        }
        books.outbox.promise({books.last_sequence, session, Promise::Kind::receipt, task.id});
        if (submit.options.notify) {
            add_waiter(books, index, session);
        }
    }
    refusals.send();
}

void handle_await(Books& books, SessionId session, const protocol::Await& await) {
    std::vector<TaskId> unknown;
    for (const TaskId& id : await.ids) {
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
                books.append(CancelRequested{id});
                books.outbox.stop(books.workers[task.worker].session, current_lease(books, index));
            }
        } else {
            cancel(books, index, now);
        }
        books.outbox.promise({books.last_sequence, session, Promise::Kind::cancelling, id});
    }
    if (!unknown.empty()) {
        books.outbox.refuse(
            session, {ErrorCode::not_found, "no such task, or it has been forgotten"}, unknown);
    }
    if (!ended.empty()) {
        books.outbox.refuse(session, {ErrorCode::conflict, "the task has ended already"}, ended);
    }
}

}  // namespace penstock::broker
