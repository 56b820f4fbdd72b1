// What a broker finds when it starts, against what its former lives had written.
#include <cstdio>

#include "tests/simulation/invariants/digest.hpp"
#include "tests/simulation/invariants/watch.hpp"

namespace penstock::simulation {

using enum Invariant;

void Watch::replay_begins() {
    replayed_from_ = 0;
    replayed_to_ = 0;
}

void Watch::replayed(const broker::Record& record, broker::Sequence sequence) {
    replayed_from_ = replayed_from_ == 0 ? sequence : replayed_from_;
    const bool follows = replayed_to_ == 0 || sequence == replayed_to_ + 1;
    replayed_to_ = sequence;
    if (!follows || sequence > history_.last()) {
        verdict_.violated(recovery_is_the_journal, "a record is found that nobody has written");
        return;
    }
    const auto found = std::visit([](const auto& known) { return digest(known); }, record);
    if (found != history_.digest_at(sequence)) {
        verdict_.violated(recovery_is_the_journal,
                          "record " + std::to_string(sequence) + " is found changed");
    }
}

void Watch::recovered(Epoch epoch, broker::Sequence last, Instant now) {
    if (last < durable_at_death_) {
        verdict_.violated(recovery_is_the_journal,
                          "records up to " + std::to_string(durable_at_death_) +
                              " were durable, and are found up to " + std::to_string(last));
    }
    if (last > history_.last() || !history_.is_between_appends(last)) {
        verdict_.violated(recovery_is_the_journal, "half of what a turn decided is found");
    }
    if (epoch <= epoch_) {
        verdict_.violated(recovery_is_the_journal, "an epoch is not greater than one before");
    }
    if (prints_) {
        std::printf("%38s a broker starts with record %llu; %llu were durable\n", "",
                    static_cast<unsigned long long>(last),
                    static_cast<unsigned long long>(durable_at_death_));
    }
    history_.go_back_to(last);
    for (ErrandNumber number = 0; number < history_.size(); ++number) {
        Journaled& task = history_[number].journaled;
        const bool found = replayed_from_ > 0 && task.accepted >= replayed_from_;
        // Forgotten without a record, and found again in a part of the journal that is still there.
        task.known = task.known || (found && is_final(task.state) && !task.forgotten);
        if (task.known && !found && !history_.may_be_forgotten(task)) {
            violated(recovery_is_the_journal, number, "is needed and was trimmed");
        }
    }
    epoch_ = epoch;
    durable_ = last;
    last_awake_ = now.steady;
    listening_since_ = now.steady;
    members_.clear();
    speakers_.clear();
    unsettled_.clear();
    asked_.clear();
    ended_.clear();
    cut_off_.clear();
    strangers_.clear();
    greeted_.clear();
    asked_about_.clear();
    given_first_.clear();
    offered_.clear();
    latest_wall_ms_ = now.unix_ms;
    refuses_new_tasks_ = false;
}

void Watch::shown(const std::vector<protocol::TaskRow>& rows) {
    std::set<ErrandNumber> shown;
    for (const protocol::TaskRow& row : rows) {
        const ErrandNumber number = number_of(row.id);
        shown.insert(number);
        if (is_volatile(number)) {
            show_in_memory(row);
            continue;
        }
        const Journaled& task = history_[number].journaled;
        const bool same =
            is_final(row.state) || is_final(task.state) ? row.state == task.state : true;
        if (!task.known || !same || row.type != errands_[number].type ||
            row.max_attempts != attempts_max(number)) {
            violated(accounts_equal_recount, number, "is shown as the journal does not say");
        }
    }
    for (ErrandNumber number = 0; number < history_.size(); ++number) {
        const Journaled& task = history_[number].journaled;
        if (history_[number].here && !shown.contains(number)) {
            violated(accepted_is_kept, number, "was accepted, is kept in memory, and is not known");
        }
        if (!task.known || shown.contains(number)) {
            continue;
        }
        if (history_.may_be_forgotten(task)) {
            history_.forget(number);
        } else {
            violated(accepted_is_kept, number, "was accepted and is not known");
        }
    }
}

}  // namespace penstock::simulation
