#include "tests/simulation/invariants/history.hpp"

#include <algorithm>

#include "tests/simulation/invariants/digest.hpp"

namespace penstock::simulation {

Facts& History::operator[](ErrandNumber number) {
    while (facts_.size() <= number) {
        facts_.emplace_back();
        lanes_.emplace_back();
    }
    return facts_[number];
}

Facts& History::changing(const TaskId& id) {
    Facts& facts = of(id);
    undo_.push_back({last_, number_of(id), facts.journaled});
    return facts;
}

void History::take(const broker::Record& record, broker::Sequence sequence) {
    last_ = sequence;
    digests_.resize(sequence);
    bytes_before_.resize(sequence);
    bytes_before_[sequence - 1] = bytes_;
    std::visit(
        [&](const auto& known) {
            digests_[sequence - 1] = digest(known);
            bytes_ += broker::journal_bytes(known);
            take(known);
        },
        record);
}

void History::take(const broker::TaskAccepted& record) {
    Facts& facts = changing(record.id);
    Journaled& task = facts.journaled;
    const bool again = task.known && task.ticket == record.ticket;
    if (again && is_final(task.state)) {
        task.accepted = last_;  // its end follows
        return;
    }
    const broker::Sequence born = again ? task.born : last_;
    const broker::Sequence cancelled = again ? task.cancelled : 0;
    task = {};
    task.known = true;
    task.accepted = last_;
    task.born = born;
    task.cancelled = cancelled;
    task.ticket = record.ticket;
    task.run_at = record.options.run_at;
    task.expires_at = record.options.expires_at;
    if (!again) {
        facts.losses = 0;
        facts.suspect = false;
        facts.lease_is_live = false;
        facts.lease = {};
        facts.success_of = 0;
        lanes_[number_of(record.id)] = {std::string(record.type), std::string(record.queue)};
        enter_line(lane_of(number_of(record.id)), facts);
    }
}

void History::take(const broker::AttemptFailed& record) {
    Facts& facts = changing(record.id);
    Journaled& task = facts.journaled;
    task.state = TaskState::retrying;
    task.runs = record.runs;
    task.charged = record.charged;
    task.alone_deaths = record.alone_deaths;
    task.ticket = record.ticket;
}

void History::take(const broker::CancelRequested& record) {
    Journaled& task = changing(record.id).journaled;
    task.cancelling = last_;
    task.cancelled = task.cancelled == 0 ? last_ : task.cancelled;
}

void History::take(const broker::TaskFinished& record) {
    Facts& facts = changing(record.result.id);
    Journaled& task = facts.journaled;
    if (is_final(task.state)) {
        return;  // written again
    }
    leave_line(lane_of(number_of(record.result.id)), facts);
    facts.lease_is_live = false;
    task.state = record.result.state;
    task.dead_reason = record.result.dead_reason;
    task.runs = record.result.attempts;
    task.output = digest(record.result.output);
    task.ended = last_;
    task.end_place = ++ends_;
    task.finished_at = record.finished_at;
}

void History::take(const broker::TasksForgotten& record) {
    for (const TaskId& id : record.ids) {
        Journaled& task = changing(id).journaled;
        task.known = false;
        task.forgotten = true;
    }
}

bool History::is_between_appends(broker::Sequence sequence) const {
    return sequence == 0 || std::ranges::binary_search(append_ends_, sequence);
}

void History::go_back_to(broker::Sequence sequence) {
    while (!undo_.empty() && undo_.back().sequence > sequence) {
        facts_[undo_.back().number].journaled = undo_.back().journaled;
        undo_.pop_back();
    }
    while (!append_ends_.empty() && append_ends_.back() > sequence) {
        append_ends_.pop_back();
    }
    bytes_ = sequence < last_ ? bytes_before_[sequence] : bytes_;
    last_ = sequence;
    line_.clear();
    ends_ = 0;
    for (ErrandNumber number = 0; number < facts_.size(); ++number) {
        Facts& facts = facts_[number];
        ends_ = std::max(ends_, facts.journaled.end_place);
        facts.lease = {};
        facts.lease_is_live = false;
        facts.losses = 0;
        facts.suspect = false;
        facts.charge_allowed_for = 0;
        facts.success_of = 0;
        facts.failed_at = {};  // the time to wait is over when the wall clock says so
        facts.waits_first = false;
        facts.submitted_now = false;
        facts.here = false;
        facts.told_end.reset();
        if (facts.journaled.known && facts.journaled.state == TaskState::queued) {
            enter_line(lane_of(number), facts);
        }
    }
}

bool History::may_be_forgotten(const Journaled& task) const {
    if (!is_final(task.state)) {
        return false;
    }
    // By the wall clock's order after a restart, which says little when it is set.
    const bool by_wall_clock = plan_.has(Fault::wall_clock_set) && plan_.forgets;
    // Nor does it tell which of those that ended in the same millisecond was the last.
    const auto could_be_later = [&](const Facts& other) {
        return other.journaled.finished_at == task.finished_at &&
               other.journaled.end_place < task.end_place;
    };
    const auto later = ends_ - task.end_place +
                       static_cast<std::uint64_t>(std::ranges::count_if(facts_, could_be_later));
    return by_wall_clock || later >= plan_.settings.finished_tasks_max;
}

void History::enter_line(const LaneName& lane, Facts& facts) {
    if (facts.journaled.run_at > 0) {
        return;  // it lets others pass until then
    }
    facts.waits_first = true;
    line_[lane].insert(facts.journaled.ticket);
}

void History::leave_line(const LaneName& lane, Facts& facts) {
    if (facts.waits_first) {
        facts.waits_first = false;
        line_[lane].erase(facts.journaled.ticket);
    }
}

}  // namespace penstock::simulation
