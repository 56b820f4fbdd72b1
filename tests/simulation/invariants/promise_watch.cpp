// What may be told to producers and workers, and when.
#include <algorithm>
#include <cstdio>

#include "tests/simulation/describe.hpp"
#include "tests/simulation/invariants/digest.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

using enum Invariant;

void Watch::told(broker::SessionId session, const protocol::Message& message, Instant now) {
    if (prints_) {
        std::printf("%38s %llu is told %s\n", "", static_cast<unsigned long long>(session),
                    to_text(message).c_str());
    }
    const Hearing hearing{session, now};
    std::visit([&](const auto& known) { tell(known, hearing); }, message);
}

void Watch::tell(const protocol::Receipt& receipt, const Hearing& /*hearing*/) {
    for (const TaskId& id : receipt.ids) {
        Facts& facts = history_.of(id);
        if ((receipt.durability == Durability::memory) != is_volatile(number_of(id))) {
            violated(durable_before_told, number_of(id), "has a receipt of another level");
        }
        if (receipt.durability == Durability::memory) {
            see_in_memory(number_of(id));
            continue;
        }
        if (facts.journaled.born == 0 || facts.journaled.born > durable_) {
            violated(durable_before_told, number_of(id), "has a receipt before it is durable");
        }
        facts.promised = true;
    }
}

void Watch::check_asked(broker::SessionId session, ErrandNumber number) {
    // What has been promised to a session before it ended goes nowhere.
    if (!ended_.contains(session) && asked_[{session, number}]-- == 0) {
        violated(one_answer_per_ask, number, "has its result told more often than asked for");
    }
}

void Watch::tell(const protocol::ResultBatch& batch, const Hearing& hearing) {
    for (const TaskResult& result : batch.results) {
        check_asked(hearing.session, number_of(result.id));
        if (is_volatile(number_of(result.id))) {
            tell_end_in_memory(result);
            continue;
        }
        const Journaled& task = history_.of(result.id).journaled;
        const ErrandNumber number = number_of(result.id);
        const bool dropped = result.error && result.error->code == ErrorCode::result_expired;
        if (task.state != result.state) {
            violated(one_end, number, "is told to have ended as the journal does not say");
        } else if (task.ended > durable_) {
            violated(durable_before_told, number, "has its end told before it is durable");
        } else if (!dropped && task.output != digest(result.output)) {
            violated(one_end, number, "has another result than the journal says");
        }
    }
}

void Watch::tell(const protocol::Cancelling& cancelling, const Hearing& /*hearing*/) {
    for (const TaskId& id : cancelling.ids) {
        const Journaled& task = history_.of(id).journaled;
        const broker::Sequence said = std::max(task.cancelled, task.ended);
        const bool safe = (task.cancelled > 0 && task.cancelled <= durable_) ||
                          (task.ended > 0 && task.ended <= durable_);
        if (task.known && (said == 0 || !safe)) {
            violated(durable_before_told, number_of(id),
                     "is told to be cancelled before that is durable");
        }
    }
}

void Watch::tell(const protocol::Refusal& refusal, const Hearing& hearing) {
    for (const TaskId& id : refusal.ids) {
        const Journaled& task = history_.of(id).journaled;
        const ErrandNumber number = number_of(id);
        if (is_volatile(number)) {
            if (refusal.error.code == ErrorCode::not_found) {
                check_refusal_in_memory(hearing.session, number);
            }
            continue;
        }
        if (refusal.error.code == ErrorCode::not_found ||
            refusal.error.code == ErrorCode::result_expired) {
            const auto asked = asked_about_.find({hearing.session, number});
            // What came later in the same turn was not known when the question came.
            const bool was_known = asked == asked_about_.end() || asked->second;
            if (task.known && was_known && task.accepted <= durable_ &&
                !history_.may_be_forgotten(task)) {
                violated(accepted_is_kept, number, "was accepted and is not known");
            }
            if (refusal.error.code == ErrorCode::result_expired && !is_final(task.state)) {
                violated(one_end, number, "is told to have ended and has not");
            }
        } else if (refusal.error.code == ErrorCode::expired) {
            if (!plan_.forgets_ids || (task.known && !history_.may_be_forgotten(task))) {
                violated(accepted_is_kept, number, "is refused as too old and is known");
            }
        } else if (refusal.error.code == ErrorCode::conflict) {
            if (!is_final(task.state)) {
                violated(one_end, number, "is told to have ended and has not");
            } else if (task.ended > durable_) {
                violated(durable_before_told, number, "has its end told before it is durable");
            }
        }
    }
}

void Watch::tell(const protocol::Settled& settled, const Hearing& hearing) {
    std::vector<Unsettled>& outcomes = unsettled_[hearing.session];
    for (const TaskId& id : settled.ids) {
        const ErrandNumber number = number_of(id);
        const auto first = std::ranges::find(outcomes, number, &Unsettled::number);
        if (first == outcomes.end()) {
            continue;  // a stranger's
        }
        if (first->counts && (first->record == 0 || first->record > durable_)) {
            violated(durable_before_told, number, "has an outcome settled before it is durable");
        }
        outcomes.erase(first);
    }
}

void Watch::tell(const protocol::Answer& answer, const Hearing& /*hearing*/) {
    const auto* const rows = std::get_if<std::vector<protocol::TaskRow>>(&answer.rows);
    if (rows == nullptr) {
        return;
    }
    for (const protocol::TaskRow& row : *rows) {
        if (is_volatile(number_of(row.id))) {
            continue;
        }
        const Journaled& task = history_.of(row.id).journaled;
        if (is_final(row.state) && (!is_final(task.state) || task.ended > durable_)) {
            violated(durable_before_told, number_of(row.id),
                     "is shown as ended before it is durable");
        }
    }
}

}  // namespace penstock::simulation
