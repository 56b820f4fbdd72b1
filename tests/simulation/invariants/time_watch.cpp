// Tasks that may not start at once, or expire: by the wall clock of the broker, which people set.
#include <map>

#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

using enum Invariant;

// What is told as "so long after" counts from the acceptance.
void Watch::check_times(const broker::TaskAccepted& record) {
    const ErrandNumber number = number_of(record.id);
    const TaskOptions& asked = errands_[number].options;
    const auto time_of = [&](std::chrono::milliseconds wait, std::int64_t time) {
        return wait.count() > 0 ? record.created_at + wait.count() : time;
    };
    if (record.options.run_at != time_of(asked.delay, asked.run_at) ||
        record.options.expires_at != time_of(asked.expires_in, asked.expires_at)) {
        violated(starts_in_time, number, "was accepted with other times than it was submitted");
    }
}

void Watch::check_start(const Facts& facts, ErrandNumber number, Instant now) {
    const Journaled& task = facts.journaled;
    const TaskOptions& asked = errands_[number].options;
    const std::int64_t run_at = is_volatile(number) ? asked.run_at : task.run_at;
    const std::int64_t expires_at = is_volatile(number) ? asked.expires_at : task.expires_at;
    // Once its time has come, a clock that is set back does not take that back.
    if (task.state != TaskState::retrying && run_at > latest_wall_ms_) {
        violated(starts_in_time, number, "starts before its time");
    }
    if (expires_at > 0 && expires_at <= now.unix_ms) {
        violated(starts_in_time, number, "starts after it has expired");
    }
}

void Watch::check_expiry(const TaskResult& result) {
    const ErrandNumber number = number_of(result.id);
    const bool is_told = result.error && result.error->code == ErrorCode::expired;
    const std::int64_t expires_at = is_volatile(number) ? errands_[number].options.expires_at
                                                        : history_[number].journaled.expires_at;
    const bool may = errands_[number].options.expires_in.count() > 0 || expires_at > 0;
    if (!is_told || !may || expires_at > latest_wall_ms_) {
        violated(starts_in_time, number, "has expired before its time");
    }
}

void Watch::wall_clock_was_set(const std::vector<protocol::TaskRow>& before,
                               const std::vector<protocol::TaskRow>& after) {
    std::map<TaskId, TaskState> states;
    for (const protocol::TaskRow& row : after) {
        states[row.id] = row.state;
    }
    for (const protocol::TaskRow& row : before) {
        // The end of one with a time may be what another has waited for.
        const bool may_start = plan_.timed_percent > 0 && row.state == TaskState::queued;
        const auto found = states.find(row.id);
        // What has expired may be one too many to be remembered, or push another one out.
        const bool is_lost = found == states.end() && !plan_.forgets;
        const bool is_changed = found != states.end() && found->second != row.state;
        if (is_lost || (is_changed && !may_start && !is_timed(errands_[number_of(row.id)]))) {
            violated(wall_clock_ends_no_lease, number_of(row.id),
                     "changes its state because the wall clock is set");
        }
    }
}

}  // namespace penstock::simulation
