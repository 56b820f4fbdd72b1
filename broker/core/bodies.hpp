// Which bodies are in memory: those of the tasks that come next. When the bodies of open tasks take
// more than they may, those of tasks that were accepted since, and wait, are put away as soon as
// the journal has them safe; they are brought back in order, before the tasks are dispatched.
//
// Thread rule: functions over the books; the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"
#include "broker/core/event.hpp"

namespace penstock::broker {

// The body of a new task. Requires: it has none.
void keep_body(Books& books, Task& task, const Body& body);
// What a worker is given. Requires: it is here.
[[nodiscard]] Body body_for_dispatch(Books& books, Task& task);
// The task needs it no more. What it was, or its size if it is away.
[[nodiscard]] KeptBody release_body(Books& books, Task& task);

// The task waits, and Task::accepted_with tells where its body is found: it may be put away.
void offer_to_put_away(Books& books, TaskIndex index);
// Puts away what may be, of what was accepted with records up to `durable`.
void put_away(Books& books, Sequence durable);

// Asks for the bodies that come next in the lane, as many as are worth one reading; as many of them
// as can be had in a moment are handed to handle_bodies() before the next round.
// Requires: the first task's is away.
void fetch_next(Books& books, LaneIndex lane);
// Asks for the body of this task. Requires: it is away.
void fetch(Books& books, const Task& task);
void handle_bodies(Books& books, const BodiesRead& read);

}  // namespace penstock::broker
