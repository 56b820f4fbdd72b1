// What must hold at any moment, counted anew from what the broker shows.
#pragma once

#include "tests/unit/broker/core/random_walk/world.hpp"

namespace penstock::broker::walk {

// Counts of queues, leases of workers and totals of the broker equal a recount of the tasks. Adds
// to the truth's faults.
void recount(World& world);
// Every worker has exactly as many leases as slots. Requires: more tasks wait than there are slots,
// and none of them may wait in a process.
void check_all_slots_are_used(World& world);
// Every task that was accepted has ended.
void check_everything_ended(World& world);

}  // namespace penstock::broker::walk
