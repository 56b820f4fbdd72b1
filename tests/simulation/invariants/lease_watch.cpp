// Who may be given what: leases, attempts, order and loads.
#include "tests/simulation/invariants/digest.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

using enum Invariant;

void Watch::tell(const protocol::Dispatch& dispatch, const Hearing& hearing) {
    Member* const member = member_of(hearing.session);
    if (member == nullptr || strangers_.contains(hearing.session)) {
        verdict_.violated(strangers_change_nothing, "work is given to a peer that is no worker");
        return;
    }
    for (const protocol::DispatchGroup& group : dispatch.groups) {
        for (const protocol::Assignment& assignment : group.tasks) {
            give(assignment, group, *member, hearing.now);
        }
        check_load(*member, group.type);
    }
}

void Watch::give(const protocol::Assignment& assignment, const protocol::DispatchGroup& group,
                 Member& member, Instant now) {
    const Lease& lease = assignment.lease;
    const ErrandNumber number = number_of(lease.task);
    Facts& facts = history_[number];
    const Journaled& task = facts.journaled;
    if (is_volatile(number)) {
        see_in_memory(number);
    } else if (!task.known || is_final(task.state) || task.cancelling > 0) {
        violated(one_end, number, "is given out and has ended, is to be cancelled, or never was");
    }
    if (facts.told_end) {
        violated(one_end, number, "is given out after its end has been told");
    }
    // A task that is written again in the turn in which it is given out counts that run already;
    // what a former life has given out may not be known here.
    const bool counted = lease.attempt > facts.lease.attempt && lease.attempt == task.runs;
    const std::uint32_t former = std::max(facts.lease.attempt, task.runs);
    if (lease.epoch != epoch_ || (lease.attempt != former + 1 && !counted)) {
        violated(attempts_ascend, number,
                 "is given out as attempt " + std::to_string(lease.attempt) + " after " +
                     std::to_string(former));
    }
    const Errand& errand = errands_[number];
    if (digest(assignment.body) != errand.digest || group.type != errand.type ||
        group.queue != errand.queue) {
        violated(one_task_per_id, number, "is given out as something else");
    }
    check_former_lease(facts, number, now);
    check_wait(facts, number, now);
    check_start(facts, number, now);
    for (const ErrandNumber other : member.leases) {
        if (facts.suspect || history_[other].suspect) {
            violated(poison_is_proven, number, "is a suspect and not alone, or runs beside one");
        }
    }
    if (facts.waits_first && !facts.suspect) {
        auto& given = given_first_[history_.lane_of(number)];
        given = std::max(given, task.ticket);
    }
    history_.leave_line(history_.lane_of(number), facts);
    facts.lease = lease;
    facts.lease_is_live = true;
    facts.worker = member.join.worker;
    member.leases.insert(number);
}

void Watch::check_former_lease(const Facts& facts, ErrandNumber number, Instant now) {
    if (!facts.lease_is_live) {
        return;
    }
    Member& holder = members_[facts.worker];
    if (!is_silent(holder, now)) {
        violated(one_live_lease, number, "is given out while another lease of it is live");
    }
    holder.leases.erase(number);
    ++history_[number].losses;
}

void Watch::check_wait(const Facts& facts, ErrandNumber number, Instant now) {
    if (facts.journaled.state != TaskState::retrying) {
        return;
    }
    const TaskOptions& asked = errands_[number].options;
    const auto or_usual = [](auto value, auto usual) { return value.count() == 0 ? usual : value; };
    Duration wait = or_usual(asked.backoff_base, plan_.settings.backoff_base);
    const Duration most = or_usual(asked.backoff_max, plan_.settings.backoff_max);
    for (std::uint32_t n = 1; n < facts.journaled.charged && wait < most; ++n) {
        wait *= 2;
    }
    if (now.steady - facts.failed_at < std::min(wait, most) / 2) {
        violated(retry_budget, number, "is tried again too soon");
    }
}

void Watch::check_load(const Member& member, const std::string& type) {
    const auto class_of = [&](const std::string& name) {
        for (const protocol::OfferedType& offered : member.join.types) {
            if (offered.type == name) {
                return static_cast<std::size_t>(offered.slot_class);
            }
        }
        verdict_.violated(slots_come_back, "a worker is given a type that it does not offer");
        return std::size_t{0};
    };
    const std::size_t slot_class = class_of(type);
    std::uint32_t load = 0;
    for (const ErrandNumber number : member.leases) {
        load += class_of(errands_[number].type) == slot_class ? 1 : 0;
    }
    if (load > member.join.slots[slot_class] + plan_.settings.waiting_leases_max) {
        verdict_.violated(slots_come_back, "a worker is given more than it may hold");
    }
}

void Watch::turn_ended() {
    for (const auto& [lane, ticket] : given_first_) {
        const auto& line = history_.first_in_line()[lane];
        if (!line.empty() && *line.begin() < ticket) {
            verdict_.violated(first_attempts_in_order,
                              "a task of type " + lane.first + " in queue " + lane.second +
                                  " starts before one that was accepted earlier");
        }
    }
    given_first_.clear();
}

}  // namespace penstock::simulation
