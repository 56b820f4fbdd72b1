// What a task goes through, with all the bookkeeping that belongs to each step: counts, slots,
// records, promises. The only caller of Task::apply() beside recovery.hpp.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// A new task enters, queued or scheduled. Requires: the id is unknown and the lane has room.
TaskIndex accept(Books& books, const protocol::Submit& submit,
                 const protocol::SubmittedTask& submitted, LaneIndex lane, Instant now);

// A queued task that nothing knows of yet takes its place: in its lane, or among those that may
// not start yet (-> scheduled).
void line_up(Books& books, TaskIndex task, Instant now);

// queued -> active on this worker, which is told. Requires: it serves the lane.
void dispatch(Books& books, TaskIndex task, WorkerIndex worker, Instant now);

// The class of the slot that it holds or waits for. Requires: active.
[[nodiscard]] SlotClass slot_class_of(const Books& books, const Task& task);
// Half of a lease's nonce is random; the other half says where the task is, so that an outcome
// needs no search.
[[nodiscard]] inline std::uint64_t new_nonce(Random& random, TaskIndex task) {
    return (random.next() & ~std::uint64_t{0xFFFFFFFF}) | task;
}
[[nodiscard]] inline TaskIndex task_of_nonce(std::uint64_t nonce) {
    return static_cast<TaskIndex>(nonce);
}
// The lease as it stands. Requires: active.
[[nodiscard]] Lease current_lease(const Books& books, TaskIndex task);
// The task, if this lease is its current one and held by this worker; else no_index.
[[nodiscard]] TaskIndex find_leased(const Books& books, const Lease& lease, WorkerIndex worker);

// Why an attempt, or the task, did not get any further.
struct Failure {
    Error error;
    DeadReason reason;                     // if the task is dead of it
    std::optional<protocol::Death> death;  // of the process that it ran in
};

// active -> ... These end the lease; the worker's slot is free afterwards.
//
// Success.
void complete(Books& books, TaskIndex task, const protocol::Outcome& outcome, Instant now);
// The attempt counts: another one follows after a wait, unless it was the last (dead) or the task
// was to be cancelled anyway.
void fail_attempt(Books& books, TaskIndex task, const Failure& failure, Instant now);
// Queued again at its old place, uncharged; cancelled if that was asked for.
void give_back(Books& books, TaskIndex task, Instant now);
// As give_back, but it runs next alone in a process.
void give_back_as_suspect(Books& books, TaskIndex task, Instant now);
// queued or active -> dead; cancelled if that was asked for.
void give_up(Books& books, TaskIndex task, const Failure& failure, Instant now);
// Any open state -> cancelled.
void cancel(Books& books, TaskIndex task, Instant now);

// Whether a deadline of waking a task is still the one that the task waits for. True for others.
[[nodiscard]] bool is_meant(const Books& books, const Deadline& deadline);
// The same of an appointment: the task may start then, or expires.
[[nodiscard]] bool is_meant(const Books& books, const Appointment& appointment);
// What is due happens, if the appointment is meant: scheduled -> queued; scheduled, queued or
// retrying -> expired, while what is active may go on.
void keep(Books& books, const Appointment& appointment, Instant now);
// scheduled or retrying -> queued.
void wake(Books& books, TaskIndex task);

// `session` hears of the end of the task; at once if it has ended.
void add_waiter(Books& books, TaskIndex task, SessionId session);

}  // namespace penstock::broker
