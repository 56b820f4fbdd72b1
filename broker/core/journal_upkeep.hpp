// What the journal has to keep, and how it stays small: records are needed as long as a task that
// was accepted with or before them is known, or an id is remembered that they have forgotten. One
// old task would keep everything behind it, so the oldest tasks and ids are written again when the
// journal is more than twice what is known of.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// Writes down all that is known of the task, in records that give it back, if it is journaled.
void write_down(Books& books, TaskIndex index);
// A task is known, by the record of that number. Requires: numbers ascend.
void keep_record(Books& books, TaskIndex index, Sequence sequence);
// These journaled tasks have been forgotten, and their ids are to be remembered. Writes that down,
// and the floor as it is then; whatever `forgotten` says of it.
void remember_ids(Books& books, const TasksForgotten& forgotten);
// A journaled task has been forgotten.
void note_forgotten(Books& books);

// Writes some of the oldest tasks again, if the journal on disk is too large. Cost: bounded.
void carry_forward(Books& books);

// The last record that nobody needs any more, nor any before it. What was written again is needed
// at its old place until it is durable at its new one. Cost: O(1), amortised.
[[nodiscard]] Sequence unneeded_up_to(Books& books);

}  // namespace penstock::broker
