// Leases beyond a worker's free slots: watched, and called back when they do not move although
// somebody else could run them.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// Has the worker looked at after recall_after, if something waits in it and it is not watched yet.
void watch_waiting_work(Books& books, WorkerIndex worker, Instant now);
// That time is over: calls back what has not moved since, and goes on watching while work waits.
void recall_waiting_work(Books& books, WorkerIndex worker, Instant now);

}  // namespace penstock::broker
