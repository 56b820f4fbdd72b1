// Sees everything that goes into the broker and comes out of it, and holds it against what must be.
// The checks are in files of their own, by what they look at.
//
// Thread rule: one thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "broker/core/effect.hpp"
#include "broker/core/event.hpp"
#include "tests/simulation/invariants/history.hpp"
#include "tests/simulation/invariants/invariant.hpp"

namespace penstock::simulation {

class Watch {
  public:
    // `prints`: a line for everything that it sees.
    Watch(const Plan& plan, const Errands& errands, Verdict& verdict, bool prints)
        : plan_(plan), errands_(errands), verdict_(verdict), prints_(prints), history_(plan) {}

    // --- the broker's life, in this order (recovery_watch.cpp)
    void broker_died(broker::Sequence durable) { durable_at_death_ = durable; }
    void replay_begins();
    void replayed(const broker::Record& record, broker::Sequence sequence);
    // `last` numbers the last record that was found.
    void recovered(Epoch epoch, broker::Sequence last, Instant now);
    // All tasks that the broker knows, after its first turn.
    void shown(const std::vector<protocol::TaskRow>& rows);

    // --- what the broker does
    // It does something at that time. After a pause of its own it first listens.
    void awake(Instant now);
    // It hears something (hearing.cpp).
    void heard(broker::SessionId session, const protocol::Message& message, Instant now);
    void heard_stranger(broker::SessionId session) { strangers_.insert(session); }
    // It has asked the journal to keep this (record_watch.cpp).
    void appended(std::span<const broker::Record> records, broker::Sequence first);
    void became_durable(broker::Sequence sequence) { durable_ = sequence; }
    // It tells this (promise_watch.cpp), work among it (lease_watch.cpp).
    void told(broker::SessionId session, const protocol::Message& message, Instant now);
    // It learns that nobody is there any more: the session ends, and leases go on for a while.
    void connection_lost(broker::SessionId session) {
        cut_off_.insert(session);
        greeted_.erase(session);
    }
    void session_ended(broker::SessionId session, Instant now);
    // Whether the broker takes it for connected. Requires: it has joined.
    [[nodiscard]] bool is_connected(const WorkerId& worker) const {
        const broker::SessionId session = members_.at(worker).session;
        return !cut_off_.contains(session) && !ended_.contains(session);
    }
    // From now on a full disk must keep it from accepting what goes there.
    void refuses_new_tasks(bool refuses) { refuses_new_tasks_ = refuses; }
    // All tasks just before and after its wall clock was set (time_watch.cpp).
    void wall_clock_was_set(const std::vector<protocol::TaskRow>& before,
                            const std::vector<protocol::TaskRow>& after);
    void turn_ended();

    [[nodiscard]] History& history() { return history_; }
    [[nodiscard]] Verdict& verdict() { return verdict_; }
    [[nodiscard]] const Plan& plan() const { return plan_; }
    [[nodiscard]] const Errands& errands() const { return errands_; }
    [[nodiscard]] Epoch epoch() const { return epoch_; }
    [[nodiscard]] broker::Sequence durable() const { return durable_; }
    // A lease that somebody holds, for those who want to steal it; nothing if there is none.
    [[nodiscard]] const Lease* some_lease(Chance& chance) const;

  private:
    struct Member {
        broker::SessionId session = broker::no_session;
        protocol::Join join;
        TimePoint last_heard;
        std::set<ErrandNumber> leases;
    };
    // An outcome that has been heard and not settled yet.
    struct Unsettled {
        ErrandNumber number = 0;
        bool counts = false;          // its lease was live
        broker::Sequence record = 0;  // that says what became of it; 0: none yet
    };
    struct Hearing {
        broker::SessionId session;
        Instant now;
    };

    void violated(Invariant invariant, ErrandNumber number, const std::string& what);

    void hear(const protocol::Submit& submit, const Hearing& hearing);
    void hear(const protocol::Await& await, const Hearing& hearing);
    void hear(const protocol::Cancel& cancel, const Hearing& hearing);
    void hear(const protocol::Join& join, const Hearing& hearing);
    void hear(const protocol::OutcomeBatch& batch, const Hearing& hearing);
    void hear(const protocol::Returned& returned, const Hearing& hearing);
    void hear(const protocol::Hello& hello, const Hearing& hearing);
    void hear(const protocol::Obituary& obituary, const Hearing& hearing);
    void hear(const protocol::Goodbye& goodbye, const Hearing& hearing);
    template <typename Other>
    void hear(const Other& /*message*/, const Hearing& /*hearing*/) {}
    void expect_result(broker::SessionId session, ErrandNumber number);
    [[nodiscard]] bool is_silent(const Member& member, Instant now) const;
    // The member that speaks on this session, or null.
    [[nodiscard]] Member* member_of(broker::SessionId session);
    // The facts, if this is the live lease of that worker; else null.
    [[nodiscard]] Facts* live(const Lease& lease, const WorkerId& worker);
    // `lost`: without a word.
    void end_lease(ErrandNumber number, bool lost);
    void end_all_leases(Member& member, bool lost);
    void judge_death(Member& member, const protocol::Obituary& obituary,
                     const protocol::StartedLease& started, TimePoint now);
    // What may be charged, and why.
    static void allow_charge(Facts& facts, const Lease& lease, ErrorCode code, TimePoint now);

    void check(const broker::TaskAccepted& record);
    void check(const broker::AttemptFailed& record);
    void check(const broker::CancelRequested& record);
    void check(const broker::TaskFinished& record);
    void check(const broker::TasksForgotten& record);
    void note_records_of_outcomes(ErrandNumber number, broker::Sequence sequence);
    void check_end(const TaskResult& result, const Facts& facts);
    void check_death(const TaskResult& result, const Facts& facts);
    void check_written_again();
    [[nodiscard]] std::uint32_t attempts_max(ErrandNumber number) const;

    void check_times(const broker::TaskAccepted& record);
    void check_start(const Facts& facts, ErrandNumber number, Instant now);
    void check_expiry(const TaskResult& result);

    [[nodiscard]] bool is_volatile(ErrandNumber number) const;
    void see_in_memory(ErrandNumber number);
    void tell_end_in_memory(const TaskResult& result);
    void show_in_memory(const protocol::TaskRow& row);
    void check_refusal_in_memory(broker::SessionId session, ErrandNumber number);

    void check_asked(broker::SessionId session, ErrandNumber number);
    void tell(const protocol::Receipt& receipt, const Hearing& hearing);
    void tell(const protocol::ResultBatch& batch, const Hearing& hearing);
    void tell(const protocol::Cancelling& cancelling, const Hearing& hearing);
    void tell(const protocol::Refusal& refusal, const Hearing& hearing);
    void tell(const protocol::Settled& settled, const Hearing& hearing);
    void tell(const protocol::Answer& answer, const Hearing& hearing);
    void tell(const protocol::Dispatch& dispatch, const Hearing& hearing);
    template <typename Other>
    void tell(const Other& /*message*/, const Hearing& /*hearing*/) {}
    void give(const protocol::Assignment& assignment, const protocol::DispatchGroup& group,
              Member& member, Instant now);
    void check_former_lease(const Facts& facts, ErrandNumber number, Instant now);
    void check_load(const Member& member, const std::string& type);
    void check_wait(const Facts& facts, ErrandNumber number, Instant now);

    const Plan& plan_;
    const Errands& errands_;
    Verdict& verdict_;
    bool prints_;
    History history_;
    Epoch epoch_;
    TimePoint last_awake_;
    TimePoint listening_since_;
    broker::Sequence durable_ = 0;
    broker::Sequence replayed_to_ = 0;
    broker::Sequence replayed_from_ = 0;
    broker::Sequence durable_at_death_ = 0;

    std::map<WorkerId, Member> members_;
    std::map<broker::SessionId, WorkerId> speakers_;
    std::map<broker::SessionId, std::vector<Unsettled>> unsettled_;
    // Results that a session may still be told of a task: at most one for each time it asked.
    std::map<std::pair<broker::SessionId, ErrandNumber>, std::uint32_t> asked_;
    // Who has asked for which task, and whether it was known then.
    std::map<std::pair<broker::SessionId, ErrandNumber>, bool> asked_about_;
    std::set<broker::SessionId> greeted_;  // have said HELLO, and their session has not ended
    std::set<broker::SessionId> strangers_;
    std::set<broker::SessionId> ended_;
    std::set<broker::SessionId> cut_off_;
    // Highest ticket of a first attempt that was given out in this turn, by lane.
    std::map<History::LaneName, std::uint64_t> given_first_;
    std::map<ErrandNumber, Journaled> written_again_;
    std::set<std::string, std::less<>> offered_;  // types, to this broker
    std::int64_t latest_wall_ms_ = 0;             // that its wall clock has shown
    bool refuses_new_tasks_ = false;
};

}  // namespace penstock::simulation
