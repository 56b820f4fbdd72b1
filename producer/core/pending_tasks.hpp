// What this producer has asked for and not yet got: which tasks are unconfirmed and when to send
// them again, which are awaited, which were lost together with a broker.
//
// A task is waiting (to be sent) -> in flight (sent, unconfirmed) -> awaited (accepted, somebody
// waits for its end) -> gone. Losing the session, silence and a `busy` refusal lead from in
// flight back to waiting. An awaited task that was never submitted here starts as awaited.
//
// Pure: asks, the broker's words and the time in, effects out. Thread rule: owned by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "common/model/result.hpp"
#include "common/model/time.hpp"
#include "producer/core/flights.hpp"
#include "producer/core/pending_entry.hpp"
#include "producer/core/pending_table.hpp"
#include "producer/core/send_queue.hpp"
#include "producer/core/submission.hpp"

namespace penstock::client {

struct PendingLimits {
    // In flight at once. More than the broker confirms in one round trip, less than either side
    // minds to hold; what is over waits here.
    std::size_t window_tasks = 10'000;
    std::size_t window_bytes = std::size_t{64} << 20U;
    // One SUBMIT is closed when its bodies pass this, and all its frames stay under that.
    std::size_t batch_bytes = std::size_t{256} << 10U;
    std::size_t message_bytes = std::size_t{63} << 20U;
    // How long an ask may wait without a session before it fails as `unavailable`; 0: for ever.
    std::chrono::milliseconds unreachable_timeout{5000};
    // How long a task may be refused as `busy` before its caller hears it; 0: for ever.
    std::chrono::milliseconds busy_timeout{0};
    // What they are told then.
    Error unreachable{ErrorCode::unavailable, "no broker answered"};
};

// The answer to one ask about one task. Every ask gets exactly one per task: a Receipt (or
// TaskResult, by interest) or an Error.
struct Notice {
    TaskId id;
    Ticket ticket = 0;
    std::variant<Receipt, TaskResult, Error> what;
};

struct SubmitBatch {
    Submission submission;
    std::vector<NewTask> tasks;
};

// To be carried out by the shell; the parts do not depend on each other's order.
struct PendingEffects {
    std::vector<SubmitBatch> submits;         // send, in this order
    std::vector<std::vector<TaskId>> awaits;  // send
    std::vector<Notice> notices;              // tell the application
    // What submit() took over and is now confirmed or given up: room for more.
    std::size_t released_tasks = 0;
    std::size_t released_bytes = 0;
};

class PendingTasks {
  public:
    PendingTasks(PendingLimits limits, std::uint64_t seed);

    // The application asks. An id that is pending already is not sent twice; both asks get
    // their notice.
    void submit(const Submission& submission, std::vector<NewTask> tasks, Ticket ticket,
                Interest interest, TimePoint now, PendingEffects& effects);
    void await(std::span<const TaskId> ids, Ticket ticket, TimePoint now);
    // The same ask wants to hear of the receipts, too, each before the end of its task. Requires:
    // these tasks have just been submitted.
    void watch_receipts(std::span<const TaskId> ids, Ticket ticket, PendingEffects& effects);

    // The broker speaks.
    void session_started(const BrokerTerms& terms, TimePoint now);
    // Everything in flight goes back to waiting. Without a session nothing is sent.
    void session_lost(TimePoint now);
    void receipt(std::span<const TaskId> ids, Durability durability, PendingEffects& effects);
    // Requires: `ids` is not empty. Ids that are not pending, or that another ask of ours
    // (CANCEL) was refused for, are ignored.
    void refusal(const Error& error, std::chrono::milliseconds retry_after,
                 std::span<const TaskId> ids, TimePoint now, PendingEffects& effects);
    void results(std::vector<TaskResult> results, PendingEffects& effects);

    // Everything that is pending fails with this.
    void fail_all(const Error& error, PendingEffects& effects);

    // Does what is due, and sends as much as the window lets through.
    void advance(TimePoint now, PendingEffects& effects);
    // When advance() is next worth calling without anything else happening.
    [[nodiscard]] std::optional<TimePoint> next_deadline() const;

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    void add_again(PendingEntry& entry, const Submission& submission, NewTask task, Watcher watcher,
                   PendingEffects& effects);
    // The task ends here with an error.
    void give_up(PendingEntry& entry, const Error& error, PendingEffects& effects);
    void tell(const Watcher& watcher, TaskResult result, PendingEffects& effects) const;
    void confirm(PendingEntry& entry, const Receipt& receipt, PendingEffects& effects);
    void refuse(PendingEntry& entry, const Error& error, PendingEffects& effects);
    // Ends a task's unconfirmed life: its lane, its flight and the window forget it.
    void release(PendingEntry& entry, PendingEffects& effects);
    // Puts the unanswered tasks of these flights back in front of their lanes, in order.
    void take_back(const std::vector<Flight>& flights);
    // Puts one task that is in flight back in front of its lane.
    static void take_back(PendingEntry& entry, bool sent_before);
    void busy(const Error& error, std::chrono::milliseconds retry_after,
              std::span<const TaskId> ids, TimePoint now, PendingEffects& effects);

    void give_up_unreachable(TimePoint now, PendingEffects& effects);
    void send_submits(TimePoint now, PendingEffects& effects);
    [[nodiscard]] SubmitBatch fill_batch(Lane& lane, TimePoint now, PendingEffects& effects);
    [[nodiscard]] bool window_open(std::size_t batch_bytes, std::size_t next_bytes) const;
    [[nodiscard]] std::optional<Error> too_large(const Body& body) const;
    void send_awaits(PendingEffects& effects);
    void watch_reachability(TimePoint now);

    PendingLimits limits_;
    PendingTable entries_;
    SendQueue queue_;
    Flights flights_;
    std::deque<TaskId> to_await_;

    BrokerTerms terms_;  // of the latest session
    bool in_session_ = false;
    TimePoint session_lost_at_;
    // While there is no session: when an ask may have waited too long.
    std::optional<TimePoint> unreachable_check_;
};

}  // namespace penstock::client
