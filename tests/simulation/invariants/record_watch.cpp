// What the broker may ask its journal to keep: acceptances, charges and ends that have a reason.
#include <cstdio>

#include "tests/simulation/describe.hpp"
#include "tests/simulation/invariants/digest.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

using enum Invariant;

void Watch::appended(std::span<const broker::Record> records, broker::Sequence first) {
    if (first != history_.last() + 1) {
        verdict_.violated(recovery_is_the_journal, "records are numbered with a gap");
    }
    for (const broker::Record& record : records) {
        if (prints_) {
            std::printf("%38s record %llu %s\n", "", static_cast<unsigned long long>(first),
                        to_text(record).c_str());
        }
        std::visit([&](const auto& known) { check(known); }, record);
        history_.take(record, first++);
        if (const auto* failed = std::get_if<broker::AttemptFailed>(&record)) {
            note_records_of_outcomes(number_of(failed->id), history_.last());
        } else if (const auto* end = std::get_if<broker::TaskFinished>(&record)) {
            note_records_of_outcomes(number_of(end->result.id), history_.last());
        }
    }
    history_.end_of_append();
    check_written_again();
}

void Watch::note_records_of_outcomes(ErrandNumber number, broker::Sequence sequence) {
    for (auto& [session, outcomes] : unsettled_) {
        for (Unsettled& outcome : outcomes) {
            if (outcome.number == number && outcome.counts && outcome.record == 0) {
                outcome.record = sequence;
            }
        }
    }
}

std::uint32_t Watch::attempts_max(ErrandNumber number) const {
    const std::uint32_t asked = errands_[number].options.max_attempts;
    return asked == 0 ? plan_.settings.max_attempts : asked;
}

void Watch::check(const broker::TaskAccepted& record) {
    const ErrandNumber number = number_of(record.id);
    const Facts& facts = history_[number];
    const Journaled& task = facts.journaled;
    const Errand& errand = errands_[number];
    const bool again = task.known && task.ticket == record.ticket;
    const bool ended = again && is_final(task.state);
    if (again) {
        written_again_[number] = task;
    } else if (task.born > 0) {
        violated(one_task_per_id, number, "was accepted anew");
    } else if (!facts.submitted) {
        violated(one_task_per_id, number, "was accepted and nobody has submitted it");
    }
    if (is_volatile(number) || record.options.durability == Durability::memory) {
        violated(recovery_is_the_journal, number, "is written down, and was to be kept in memory");
    }
    if (!again) {
        check_times(record);
    }
    if (!again && refuses_new_tasks_) {
        violated(full_disk_goes_on, number, "was accepted while the disk was full");
    }
    if (record.type != errand.type || record.queue != errand.queue ||
        (!ended && digest(record.body) != errand.digest)) {
        violated(one_task_per_id, number, "was written as something else");
    }
}

void Watch::check(const broker::AttemptFailed& record) {
    const ErrandNumber number = number_of(record.id);
    const Facts& facts = history_[number];
    const Journaled& task = facts.journaled;
    if (written_again_.contains(number)) {
        return;
    }
    if (!task.known || is_final(task.state)) {
        violated(one_end, number, "failed and was not open");
    } else if (record.charged != task.charged + 1 || record.charged >= attempts_max(number)) {
        violated(retry_budget, number,
                 "was charged " + std::to_string(record.charged) + " of " +
                     std::to_string(attempts_max(number)) + " attempts and is to be tried again");
    } else if (facts.charge_allowed_for != record.runs || facts.lease.attempt != record.runs) {
        violated(retry_budget, number, "was charged and nobody said that its attempt failed");
    } else if (record.alone_deaths > facts.alone_deaths_seen) {
        violated(poison_is_proven, number, "was charged with a death that it did not cause alone");
    }
}

void Watch::check(const broker::CancelRequested& record) {
    if (!history_.of(record.id).cancel_asked) {
        violated(one_end, number_of(record.id), "is to be cancelled and nobody asked for it");
    }
}

void Watch::check(const broker::TaskFinished& record) {
    const ErrandNumber number = number_of(record.result.id);
    const Facts& facts = history_[number];
    const Journaled& task = facts.journaled;
    if (!task.known || !is_final(record.result.state)) {
        violated(one_end, number, "ended before it was accepted, or in a state that is no end");
        return;
    }
    if (!is_final(task.state)) {
        check_end(record.result, facts);
        return;
    }
    const bool dropped =
        record.result.error && record.result.error->code == ErrorCode::result_expired;
    if (!written_again_.contains(number)) {
        violated(one_end, number, "ended twice");
    } else if (task.state != record.result.state ||
               (!dropped && task.output != digest(record.result.output))) {
        violated(one_end, number, "has another end when it is written again");
    }
}

void Watch::check(const broker::TasksForgotten& record) {
    for (const TaskId& id : record.ids) {
        const Journaled& task = history_.of(id).journaled;
        if (task.born == 0 || (task.known && !history_.may_be_forgotten(task))) {
            violated(accepted_is_kept, number_of(id), "was forgotten too early, or never known");
        }
    }
}

void Watch::check_end(const TaskResult& result, const Facts& facts) {
    const ErrandNumber number = number_of(result.id);
    if (result.state == TaskState::completed) {
        if (digest(result.output) != digest(proof(facts.lease)) || facts.lease.epoch != epoch_ ||
            facts.success_of != facts.lease.attempt) {
            violated(current_lease_records, number,
                     "is completed, and not by the holder of its current lease");
        }
    } else if (result.state == TaskState::cancelled) {
        if (!facts.cancel_asked) {
            violated(one_end, number, "was cancelled and nobody asked for it");
        }
    } else if (result.state == TaskState::expired) {
        check_expiry(result);
    } else {
        check_death(result, facts);
    }
}

void Watch::check_death(const TaskResult& result, const Facts& facts) {
    const ErrandNumber number = number_of(result.id);
    const bool said = facts.charge_allowed_for == facts.lease.attempt && facts.lease.attempt > 0;
    // Of those in memory nobody knows how often they were charged.
    const bool last_chance =
        is_volatile(number) || facts.journaled.charged + 1 >= attempts_max(number);
    const bool lost = result.error && result.error->code == ErrorCode::lost;
    bool right = false;
    switch (result.dead_reason) {
        case DeadReason::attempts_exhausted:
            right = lost ? facts.losses + (facts.lease_is_live ? 1 : 0) >= plan_.settings.losses_max
                         : said && last_chance;
            break;
        case DeadReason::time_limit:
            right = said && last_chance && facts.reported == ErrorCode::time_limit;
            break;
        case DeadReason::rejected: right = said && facts.reported == ErrorCode::rejected; break;
        case DeadReason::no_handler:
            // The end of one in memory is seen when it is told, and that may be much later.
            right = is_volatile(number) || !offered_.contains(errands_[number].type);
            break;
        case DeadReason::poison:
            right = facts.alone_deaths_seen >= plan_.settings.alone_deaths_max;
            break;
        case DeadReason::none:
        case DeadReason::parent_failed: break;
    }
    if (!right) {
        const bool poison = result.dead_reason == DeadReason::poison;
        violated(poison ? poison_is_proven : retry_budget, number,
                 "is dead (" + std::string(name(result.dead_reason)) + ") and should not be");
    }
}

void Watch::check_written_again() {
    for (const auto& [number, before] : written_again_) {
        const Journaled& now = history_[number].journaled;
        const bool same = now.charged == before.charged && now.ticket == before.ticket &&
                          now.alone_deaths == before.alone_deaths &&
                          now.expires_at == before.expires_at &&
                          (now.cancelling > 0) == (before.cancelling > 0) &&
                          is_final(now.state) == is_final(before.state);
        if (!same) {
            violated(recovery_is_the_journal, number, "was written again and not all of it");
        }
    }
    written_again_.clear();
}

}  // namespace penstock::simulation
