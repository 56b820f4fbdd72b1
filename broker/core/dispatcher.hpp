// Brings queued tasks and free slots together.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// Hands out everything that can run now: lowest ticket first over all lanes that have a slot.
// Cost: O(lanes that are ready) per task, independent of backlog and number of workers.
void dispatch_ready(Books& books, Instant now);

// Finds suspects a process of their own: an idle one, or one that is kept free of new work until
// it is idle. At most half of the workers (one at least) serve suspects at a time.
void dispatch_suspects(Books& books, Instant now);

// Calls waiting work back from a worker that has not moved, when somebody else could run it.
void recall_waiting_work(Books& books, WorkerIndex worker, Instant now);

// Ends tasks of a type that nobody has ever offered, once there are workers and the grace is over.
void give_up_unserved(Books& books, Instant now);

}  // namespace penstock::broker
