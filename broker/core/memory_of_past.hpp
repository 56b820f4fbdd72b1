// How long finished tasks and their results are remembered.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// A task has ended, with the record of that number.
void remember(Books& books, TaskIndex index, Sequence sequence, TimePoint ended_at);

// Drops the oldest results beyond results_bytes_max or result_ttl, and forgets the oldest finished
// tasks beyond finished_tasks_max, of which their ids are remembered; but never one whose end has
// not been told yet: call it after the outbox was flushed. Cost: O(dropped).
void forget_the_past(Books& books, Instant now);

}  // namespace penstock::broker
