#include "tests/simulation/invariants/invariant.hpp"

namespace penstock::simulation {
namespace {

using enum Invariant;

constexpr std::array<InvariantInfo, invariant_count> table{{
    {accepted_is_kept, "accepted_is_kept",
     "a task whose receipt has left is known until it may be forgotten, or until the broker ends "
     "if it is kept in memory",
     nullptr},
    {one_end, "one_end", "a task ends once, in the state that everybody is told", nullptr},
    {current_lease_records, "current_lease_records",
     "the outcome that is recorded is of the lease that was current", nullptr},
    {one_live_lease, "one_live_lease",
     "a task is given out again only after its lease has ended, by a word or by silence", nullptr},
    {attempts_ascend, "attempts_ascend", "the attempts of a task are numbered without a gap",
     "over a crash of the broker, which forgets attempts that had not ended"},
    {durable_before_told, "durable_before_told",
     "nothing is told before its record survives a power cut", nullptr},
    {recovery_is_the_journal, "recovery_is_the_journal",
     "a broker that starts finds all that was durable, nothing else, and acts on it", nullptr},
    {one_task_per_id, "one_task_per_id",
     "an id is one task, with the body that came first, however often and late it is submitted",
     nullptr},
    {accounts_equal_recount, "accounts_equal_recount",
     "counts, bytes and leases are those of the tasks", nullptr},
    {slots_come_back, "slots_come_back",
     "a worker never holds more than it may, and every slot works again in the end",
     "slots of shared memory, which does not exist yet"},
    {poison_is_proven, "poison_is_proven",
     "a task is poison, or charged with a death, only if it was alone in the process", nullptr},
    {first_attempts_in_order, "first_attempts_in_order",
     "first attempts of a type in a queue start in the order of acceptance", nullptr},
    {bounded, "bounded", "tasks, bytes, results and the journal stay within their limits", nullptr},
    {retry_budget, "retry_budget",
     "charged attempts have a reason, a distance, and are as many as allowed", nullptr},
    {all_ends_after_peace, "all_ends_after_peace",
     "when the faults are over, every task ends and everybody who waits hears of it", nullptr},
    {one_answer_per_ask, "one_answer_per_ask",
     "a producer gets one answer to each ask, and never another after it", nullptr},
    {strangers_change_nothing, "strangers_change_nothing",
     "what a peer says that is not its to say has no effect",
     "roles by key: there are no keys yet, so roles are those of the ports and of who joined"},
    {wall_clock_ends_no_lease, "wall_clock_ends_no_lease",
     "a wall clock that is set changes no task and no lease", nullptr},
    {drain_loses_nothing, "drain_loses_nothing",
     "a worker that drains in time leaves with all its outcomes settled", nullptr},
    {same_seed_same_trace, "same_seed_same_trace", "a seed that is run twice does the same",
     nullptr},
    {starts_in_time, "starts_in_time",
     "no task starts before its time or after it has expired, and none expires before", nullptr},
    {full_disk_goes_on, "full_disk_goes_on",
     "a full disk refuses new tasks only, and the reserve is used before anything else fails",
     nullptr},
}};

}  // namespace

const std::array<InvariantInfo, invariant_count>& invariants() {
    return table;
}

std::string name(Invariant invariant) {
    const auto number = static_cast<std::size_t>(invariant);
    return "I" + std::to_string(number) + " " + table[number - 1].name;
}

}  // namespace penstock::simulation
