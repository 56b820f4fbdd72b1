// What follows for leases and tasks from what the broker hears.
#include <algorithm>
#include <cstdio>

#include "tests/simulation/describe.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

void Watch::violated(Invariant invariant, ErrandNumber number, const std::string& what) {
    verdict_.violated(invariant, "task " + std::to_string(number) + " " + what);
}

void Watch::heard(broker::SessionId session, const protocol::Message& message, Instant now) {
    if (prints_) {
        std::printf("%38s %llu says %s\n", "", static_cast<unsigned long long>(session),
                    to_text(message).c_str());
    }
    if (strangers_.contains(session)) {
        return;
    }
    if (Member* const member = member_of(session)) {
        member->last_heard = now.steady;
    }
    const Hearing hearing{session, now};
    std::visit([&](const auto& known) { hear(known, hearing); }, message);
}

Watch::Member* Watch::member_of(broker::SessionId session) {
    const auto speaker = speakers_.find(session);
    return speaker == speakers_.end() ? nullptr : &members_[speaker->second];
}

void Watch::hear(const protocol::Submit& submit, const Hearing& hearing) {
    for (const protocol::SubmittedTask& task : submit.tasks) {
        history_.of(task.id).submitted = true;
        history_.of(task.id).submitted_now = true;
        if (submit.options.notify) {
            expect_result(hearing.session, number_of(task.id));
        }
    }
}

void Watch::hear(const protocol::Await& await, const Hearing& hearing) {
    for (const TaskId& id : std::set(await.ids.begin(), await.ids.end())) {
        const ErrandNumber number = number_of(id);
        const Facts& facts = history_[number];
        const Journaled& task = facts.journaled;
        expect_result(hearing.session, number);
        // The first time counts: an answer may take long to leave.
        asked_about_.emplace(std::pair(hearing.session, number),
                             is_volatile(number) ? facts.here : task.known);
    }
}

void Watch::expect_result(broker::SessionId session, ErrandNumber number) {
    ++asked_[{session, number}];
}

void Watch::hear(const protocol::Cancel& cancel, const Hearing& /*hearing*/) {
    for (const TaskId& id : cancel.ids) {
        history_.of(id).cancel_asked = true;
    }
}

void Watch::hear(const protocol::Join& join, const Hearing& hearing) {
    const auto former = speakers_.find(hearing.session);
    if (former != speakers_.end() && former->second != join.worker) {
        end_all_leases(members_[former->second], false);
    }
    Member& member = members_[join.worker];
    for (const ErrandNumber number : std::set(member.leases)) {
        if (std::ranges::find(join.held, history_[number].lease) == join.held.end()) {
            end_lease(number, true);
        }
    }
    speakers_[hearing.session] = join.worker;
    member.session = hearing.session;
    member.join = join;
    for (const protocol::OfferedType& offered : join.types) {
        offered_.insert(offered.type);
    }
    member.last_heard = hearing.now.steady;
}

Facts* Watch::live(const Lease& lease, const WorkerId& worker) {
    Facts& facts = history_.of(lease.task);
    const bool holds = facts.lease_is_live && facts.lease == lease && facts.worker == worker;
    return holds ? &facts : nullptr;
}

void Watch::end_lease(ErrandNumber number, bool lost) {
    Facts& facts = history_[number];
    facts.lease_is_live = false;
    facts.losses += lost ? 1 : 0;
    members_[facts.worker].leases.erase(number);
}

void Watch::end_all_leases(Member& member, bool lost) {
    for (const ErrandNumber number : std::set(member.leases)) {
        end_lease(number, lost);
    }
}

void Watch::hear(const protocol::OutcomeBatch& batch, const Hearing& hearing) {
    const auto speaker = speakers_.find(hearing.session);
    if (speaker == speakers_.end()) {
        return;
    }
    for (const protocol::Outcome& outcome : batch.outcomes) {
        const ErrandNumber number = number_of(outcome.lease.task);
        Facts* const facts = live(outcome.lease, speaker->second);
        unsettled_[hearing.session].push_back(
            {number, facts != nullptr && !is_volatile(number), 0});
        if (facts == nullptr) {
            continue;
        }
        facts->suspect = false;
        if (outcome.error) {
            allow_charge(*facts, outcome.lease, outcome.error->code, hearing.now.steady);
        } else {
            facts->success_of = outcome.lease.attempt;
        }
        end_lease(number, false);
    }
}

void Watch::hear(const protocol::Returned& returned, const Hearing& hearing) {
    const auto speaker = speakers_.find(hearing.session);
    for (const Lease& lease : returned.leases) {
        if (speaker != speakers_.end() && live(lease, speaker->second) != nullptr) {
            end_lease(number_of(lease.task), false);
        }
    }
}

void Watch::allow_charge(Facts& facts, const Lease& lease, ErrorCode code, TimePoint now) {
    facts.charge_allowed_for = lease.attempt;
    facts.reported = code;
    facts.failed_at = now;
}

void Watch::hear(const protocol::Hello& /*hello*/, const Hearing& hearing) {
    greeted_.insert(hearing.session);
}

void Watch::hear(const protocol::Obituary& obituary, const Hearing& hearing) {
    const auto found = members_.find(obituary.worker);
    // Outside of a session it is refused.
    if (found == members_.end() || !greeted_.contains(hearing.session)) {
        return;
    }
    for (const protocol::StartedLease& started : obituary.started) {
        judge_death(found->second, obituary, started, hearing.now.steady);
    }
    end_all_leases(found->second, false);
}

void Watch::judge_death(Member& member, const protocol::Obituary& obituary,
                        const protocol::StartedLease& started, TimePoint now) {
    Facts* const facts = live(started.lease, obituary.worker);
    if (facts == nullptr) {
        return;
    }
    const bool on_purpose = std::ranges::any_of(
        obituary.started, [](const auto& other) { return other.fate != protocol::Fate::running; });
    if (started.fate == protocol::Fate::over_time_limit) {
        allow_charge(*facts, started.lease, ErrorCode::time_limit, now);
    } else if (started.fate == protocol::Fate::running && !on_purpose) {
        const bool alone = facts->suspect && member.leases.size() == 1;
        if (alone) {
            ++facts->alone_deaths_seen;
            allow_charge(*facts, started.lease, ErrorCode::crashed, now);
        }
        facts->suspect = true;
    }
}

void Watch::hear(const protocol::Goodbye& /*goodbye*/, const Hearing& hearing) {
    if (Member* const member = member_of(hearing.session)) {
        end_all_leases(*member, false);
    }
}

void Watch::awake(Instant now) {
    if (now.steady - last_awake_ > 2 * plan_.settings.heartbeat) {
        listening_since_ = now.steady;
    }
    last_awake_ = now.steady;
    latest_wall_ms_ = std::max(latest_wall_ms_, now.unix_ms);
}

bool Watch::is_silent(const Member& member, Instant now) const {
    return now.steady - std::max(member.last_heard, listening_since_) >= plan_.settings.liveness;
}

void Watch::session_ended(broker::SessionId session, Instant now) {
    speakers_.erase(session);
    greeted_.erase(session);
    unsettled_.erase(session);
    ended_.insert(session);
    asked_.erase(asked_.lower_bound({session, 0}), asked_.lower_bound({session + 1, 0}));
    if (cut_off_.erase(session) > 0) {
        return;
    }
    for (auto& [worker, member] : members_) {
        if (member.session == session && is_silent(member, now)) {
            end_all_leases(member, true);
        }
    }
}

const Lease* Watch::some_lease(Chance& chance) const {
    for (const auto& [worker, member] : members_) {
        if (!member.leases.empty() && chance.percent(50)) {
            return &const_cast<History&>(history_)[*member.leases.begin()].lease;
        }
    }
    return nullptr;
}

}  // namespace penstock::simulation
