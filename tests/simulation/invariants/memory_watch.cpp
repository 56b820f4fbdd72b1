// Tasks that are kept in memory only: they have no records, so the broker's own words say what
// there is of them. They end with it, and only then.
#include "tests/simulation/invariants/digest.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

using enum Invariant;

bool Watch::is_volatile(ErrandNumber number) const {
    return number < errands_.size() && is_in_memory(errands_[number]);
}

void Watch::see_in_memory(ErrandNumber number) {
    Facts& facts = history_[number];
    if (!facts.submitted_now) {
        violated(recovery_is_the_journal, number, "is kept in memory and has outlived its broker");
    }
    facts.here = true;
}

void Watch::tell_end_in_memory(const TaskResult& result) {
    const ErrandNumber number = number_of(result.id);
    see_in_memory(number);
    Facts& facts = history_[number];
    if (!is_final(result.state) || facts.told_end.value_or(result.state) != result.state) {
        violated(one_end, number, "is kept in memory and has two ends, or one that is none");
        return;
    }
    const bool dropped = result.error && result.error->code == ErrorCode::result_expired;
    if (!dropped) {
        check_end(result, facts);
    }
    facts.told_end = result.state;
}

void Watch::show_in_memory(const protocol::TaskRow& row) {
    const ErrandNumber number = number_of(row.id);
    see_in_memory(number);
    const Facts& facts = history_[number];
    if (row.type != errands_[number].type || row.max_attempts != attempts_max(number) ||
        facts.told_end.value_or(row.state) != row.state) {
        violated(accounts_equal_recount, number, "is shown as it cannot be");
    }
}

void Watch::check_refusal_in_memory(broker::SessionId session, ErrandNumber number) {
    // What came later in the same turn was not known when the question came.
    const auto asked = asked_about_.find({session, number});
    if (asked != asked_about_.end() && asked->second) {
        violated(accepted_is_kept, number, "was accepted, is kept in memory, and is not known");
    }
}

}  // namespace penstock::simulation
