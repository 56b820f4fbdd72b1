// Brings queued tasks and free slots together.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// Hands out everything that can run now: lowest ticket first over all lanes that have a slot.
// Cost: O(log lanes) per task and O(lanes) per call, of lanes in which tasks wait; independent of
// backlog and number of workers.
void dispatch_ready(Books& books, Instant now);

// Ends tasks of a type that nobody has ever offered: those that have waited for the grace, after
// there have been workers for as long.
[[nodiscard]] bool give_up_unserved(Books& books, Instant now);

}  // namespace penstock::broker
