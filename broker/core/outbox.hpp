// What is to be said to whom: collects during a turn, then packs as few messages as the limits
// allow. Also holds back promises until the journal has made their records durable.
//
// Within one flush a session hears, in this order: refusals and other direct answers, receipts,
// what is being cancelled, results (or that they are forgotten) or settlements, then new work. So a
// receipt never follows its result.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <array>
#include <deque>
#include <unordered_map>
#include <vector>

#include "broker/core/batches.hpp"
#include "broker/core/effect.hpp"
#include "broker/core/settings.hpp"
#include "broker/core/task_table.hpp"

namespace penstock::broker {

// Says something only when `sequence` is durable; 0 waits for nothing.
struct Promise {
    enum class Kind : std::uint8_t { receipt, cancelling, result, settled };

    Sequence sequence = 0;
    SessionId session = no_session;
    Kind kind = Kind::receipt;
    TaskId id;
    Durability level = Durability::disk;  // of a receipt
    TaskIndex task = no_index;            // of a result: where it is, if that is known
};

class Outbox {
  public:
    explicit Outbox(const Settings& settings) : settings_(settings) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    // The epoch of all messages. Requires: none has been flushed.
    void begin(Epoch epoch) { epoch_ = epoch; }

    // Leaves with the next flush, before anything else to this session.
    void say(SessionId session, protocol::Message message);
    void refuse(SessionId session, const Error& error, const std::vector<TaskId>& ids,
                std::chrono::milliseconds retry_after = std::chrono::milliseconds{0});
    void give(SessionId session, std::string_view type, std::string_view queue,
              std::chrono::milliseconds time_limit, protocol::Assignment assignment);
    void recall(SessionId session, const Lease& lease);
    void stop(SessionId session, const Lease& lease);
    // Leaves with the first flush when its sequence is durable. Requires: the sequences of those
    // that still wait ascend.
    void promise(const Promise& promise);
    // The same with any answer that tells what the records up to `sequence` say.
    void say_once_durable(Sequence sequence, SessionId session, protocol::Message message);

    // Everything up to `durable` may be promised now.
    void became_durable(Sequence durable);
    [[nodiscard]] Sequence durable() const { return durable_; }
    // With the last flush every promise up to here has left.
    [[nodiscard]] Sequence told_up_to() const { return told_up_to_; }
    // Moves everything that may leave into `effects`. A result whose task has been forgotten in the
    // meantime becomes a refusal.
    void flush(const TaskTable& tasks, Effects& effects);
    void forget(SessionId session);

  private:
    struct Pending {
        explicit Pending(Outbox& outbox)
            : results(outbox.settings_, outbox.results_foresight_),
              work(outbox.settings_, outbox.work_foresight_) {}

        std::vector<protocol::Message> direct;
        std::array<std::vector<TaskId>, 2> receipts;  // those at level memory, then the others
        std::vector<TaskId> cancelling;
        ResultBatches results;
        std::vector<TaskId> forgotten;  // instead of results
        std::vector<TaskId> settled;
        WorkBatches work;
        std::vector<Lease> recalls;
        std::vector<Lease> stops;
    };

    Pending& pending(SessionId session);
    void release(const TaskTable& tasks);
    // Those behind the first.
    void prefetch_promised(const TaskTable& tasks) const;
    void release(const Promise& promise, const TaskTable& tasks);
    void release_result(const Promise& promise, const TaskTable& tasks);
    void flush_one(SessionId session, Pending& pending, Effects& effects);
    void flush_results(SessionId session, Pending& pending, Effects& effects);
    void flush_work(SessionId session, Pending& pending, Effects& effects);

    Settings settings_;
    Epoch epoch_;
    std::unordered_map<SessionId, Pending> pending_;
    Foresight results_foresight_;
    Foresight work_foresight_;
    // The one that was asked for last: most of a turn is for one session after the other.
    SessionId last_session_ = no_session;
    Pending* last_pending_ = nullptr;
    std::vector<Promise> due_;  // they wait for nothing but the flush
    std::deque<Promise> promises_;
    struct Answer {
        Sequence sequence;
        Outgoing outgoing;
    };
    std::deque<Answer> answers_;
    Sequence durable_ = 0;
    Sequence told_up_to_ = 0;
};

}  // namespace penstock::broker
