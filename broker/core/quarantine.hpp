// Suspects: tasks in whose process something killed it. Each runs next alone in a process, so that
// a second death tells the guilty from the innocent.
//
// Thread rule: free functions over the books, called by the scheduler's thread.
#pragma once

#include "broker/core/books.hpp"

namespace penstock::broker {

// Finds waiting suspects a process of their own: an idle one, or one that is kept free of other
// work until it is idle. At most half of the workers (one at least) serve suspects at a time. Cost:
// O(workers + waiting suspects), nothing when none waits.
void dispatch_suspects(Books& books, Instant now);

}  // namespace penstock::broker
