// What must hold at any moment, counted anew from what the broker shows.
#pragma once

#include "tests/simulation/broker_host.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

// Counts of queues, leases of workers and totals of the broker equal a recount of the tasks, and
// are within their limits. Requires: the broker is up and not paused.
void recount(BrokerHost& broker, Watch& watch);
// Every slot of every worker that is there can be given something. Submits tasks that never end.
void check_all_slots_work(BrokerHost& broker, Watch& watch, Errands& errands);
// Every task that the broker knows has ended, and every worker is idle. The same.
void check_everything_ended(BrokerHost& broker, Watch& watch);

}  // namespace penstock::simulation
