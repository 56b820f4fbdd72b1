// How long finished tasks and their results are remembered.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// A task has ended, with the record of that number.
void remember(Books& books, TaskIndex index, Sequence sequence, TimePoint ended_at);

// A task is known, by the record of that number. Requires: numbers ascend.
void keep_record(Books& books, TaskIndex index, Sequence sequence);
// The last record that nobody needs any more, nor any before it: all known tasks were accepted
// later. Cost: O(1), amortised.
[[nodiscard]] Sequence unneeded_up_to(Books& books);

// Drops the oldest results beyond results_bytes_max or result_ttl, and forgets the oldest finished
// tasks beyond finished_tasks_max; but never one whose end has not been told yet: call it after
// the outbox was flushed. Cost: O(dropped).
void forget_the_past(Books& books, Instant now);

}  // namespace penstock::broker
