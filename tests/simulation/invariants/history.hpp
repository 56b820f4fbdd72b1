// What is true of every task: what the journal says, record by record, so that any crash point can
// be gone back to; and what the broker has said and heard since it started.
//
// Thread rule: one thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/record.hpp"
#include "common/model/ids.hpp"
#include "common/model/time.hpp"
#include "tests/simulation/errand.hpp"

namespace penstock::simulation {

// What the records up to some point say of a task.
struct Journaled {
    bool known = false;
    bool forgotten = false;               // by a record
    TaskState state = TaskState::queued;  // or retrying, or a final one
    DeadReason dead_reason = DeadReason::none;
    broker::Sequence accepted = 0;    // its acceptance, where it stands now
    broker::Sequence born = 0;        // its acceptance, where it stood first
    broker::Sequence cancelling = 0;  // cancelling was asked for; 0: it was not
    broker::Sequence cancelled = 0;   // the first record that said so, whichever was written again
    broker::Sequence ended = 0;
    std::uint64_t end_place = 0;   // so many had ended before
    std::int64_t finished_at = 0;  // Unix milliseconds
    std::uint32_t runs = 0;
    std::uint32_t charged = 0;
    std::uint32_t alone_deaths = 0;
    std::uint64_t ticket = 0;
    std::uint64_t output = 0;  // a digest
    std::int64_t run_at = 0;   // as it was accepted; Unix milliseconds
    std::int64_t expires_at = 0;
};

struct Facts {
    Journaled journaled;
    bool submitted = false;     // a broker has heard of it
    bool cancel_asked = false;  // likewise
    bool promised = false;      // a receipt has left
    bool waits_first = false;   // has not been given out in this life of the broker

    // In this life of the broker.
    Lease lease;  // the latest
    bool lease_is_live = false;
    WorkerId worker;           // that it was given to
    std::uint32_t losses = 0;  // leases that ended without a word
    bool suspect = false;      // has to run alone next
    TimePoint failed_at;
    // What may be charged: the attempt that a worker or a reporter has said something about.
    std::uint32_t charge_allowed_for = 0;
    ErrorCode reported = ErrorCode::internal;
    // The attempt that its worker says has succeeded.
    std::uint32_t success_of = 0;
    // For tasks in memory only, which have no records.
    bool submitted_now = false;         // this broker has heard of it
    bool here = false;                  // and has shown that it has it
    std::optional<TaskState> told_end;  // how it has ended
    // In all lives: deaths of a process in which nothing else had started.
    std::uint32_t alone_deaths_seen = 0;
};

class History {
  public:
    explicit History(const Plan& plan) : plan_(plan) {}

    [[nodiscard]] Facts& operator[](ErrandNumber number);
    [[nodiscard]] Facts& of(const TaskId& id) { return (*this)[number_of(id)]; }
    [[nodiscard]] std::size_t size() const { return facts_.size(); }

    // The records of one append(). Requires: they follow the last.
    void take(const broker::Record& record, broker::Sequence sequence);
    void end_of_append() { append_ends_.push_back(last_); }
    [[nodiscard]] broker::Sequence last() const { return last_; }
    [[nodiscard]] std::uint64_t digest_at(broker::Sequence sequence) const {
        return digests_[sequence - 1];
    }
    // Of all records after that one, about.
    [[nodiscard]] std::uint64_t bytes_after(broker::Sequence sequence) const {
        return sequence >= last_ ? 0 : bytes_ - bytes_before_[sequence];
    }
    // Whether all or nothing of each append() lies before it.
    [[nodiscard]] bool is_between_appends(broker::Sequence sequence) const;
    // As if nothing after it had been appended. A new life begins: leases are void.
    void go_back_to(broker::Sequence sequence);

    // Whether the broker may have forgotten this task, which has ended.
    [[nodiscard]] bool may_be_forgotten(const Journaled& task) const;
    void forget(ErrandNumber number) { facts_[number].journaled.known = false; }

    // Tickets of the tasks of a lane that have not been given out yet in this life.
    using LaneName = std::pair<std::string, std::string>;
    [[nodiscard]] std::map<LaneName, std::set<std::uint64_t>>& first_in_line() { return line_; }
    void enter_line(const LaneName& lane, Facts& facts);
    void leave_line(const LaneName& lane, Facts& facts);
    // The lane of a task that the journal knows.
    [[nodiscard]] const LaneName& lane_of(ErrandNumber number) const { return lanes_[number]; }

  private:
    struct Before {
        broker::Sequence sequence = 0;
        ErrandNumber number = 0;
        Journaled journaled;
    };

    void take(const broker::TaskAccepted& record);
    void take(const broker::AttemptFailed& record);
    void take(const broker::CancelRequested& record);
    void take(const broker::TaskFinished& record);
    void take(const broker::TasksForgotten& record);
    Facts& changing(const TaskId& id);

    const Plan& plan_;
    std::deque<Facts> facts_;
    std::deque<LaneName> lanes_;
    broker::Sequence last_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t ends_ = 0;
    std::vector<std::uint64_t> digests_;       // by sequence
    std::vector<std::uint64_t> bytes_before_;  // likewise
    std::vector<broker::Sequence> append_ends_;
    std::vector<Before> undo_;
    std::map<LaneName, std::set<std::uint64_t>> line_;
};

}  // namespace penstock::simulation
