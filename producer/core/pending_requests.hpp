// Questions to the broker that have no answer yet: is it there, cancellations, queries and pieces
// of a backup. They are sent again in a new session and when no answer came in time; all are safe
// to repeat.
//
// Pure: asks, answers and the time in, effects out. Thread rule: owned by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "common/model/result.hpp"
#include "common/model/time.hpp"
#include "common/protocol/archive_messages.hpp"
#include "common/protocol/backup_messages.hpp"
#include "common/protocol/query_messages.hpp"
#include "producer/core/pending_entry.hpp"

namespace penstock::client {

// The task is cancelled, or its running attempt has been told to stop.
struct Cancelling {};

struct RequestNotice {
    Ticket ticket = 0;
    std::variant<BrokerTerms, Cancelling, protocol::Answer, protocol::ArchiveReply,
                 protocol::BackupPart, Error>
        what;
};

// All carry a request number, and so do their answers.
using Question = std::variant<protocol::Query, protocol::ArchiveRequest, protocol::Backup>;

struct RequestEffects {
    std::vector<std::vector<TaskId>> cancels;  // send
    std::vector<Question> questions;           // send
    std::vector<RequestNotice> notices;        // tell the application: one per ask
};

class PendingRequests {
  public:
    // `timeout`: how long an ask may wait without a session before it fails as `unreachable`; 0:
    // for ever.
    PendingRequests(std::chrono::milliseconds timeout, Error unreachable);

    // Answered by the terms of the next session, or of the present one.
    void greet(Ticket ticket, TimePoint now, RequestEffects& effects);
    void cancel(const TaskId& id, Ticket ticket, TimePoint now);
    // Sets the question's request number.
    void ask(Question question, Ticket ticket, TimePoint now);

    void session_started(const BrokerTerms& terms, RequestEffects& effects);
    // Without a session it changes nothing.
    void session_lost(TimePoint now);
    void cancelling(std::span<const TaskId> ids, RequestEffects& effects);
    // Ids that nobody here wants to cancel are ignored.
    void refusal(const Error& error, std::span<const TaskId> ids, RequestEffects& effects);
    void answer(protocol::Answer answer, RequestEffects& effects);
    void answer(protocol::ArchiveReply reply, RequestEffects& effects);
    void answer(protocol::BackupPart part, RequestEffects& effects);

    void fail_all(const Error& error, RequestEffects& effects);
    void advance(TimePoint now, RequestEffects& effects);
    [[nodiscard]] std::optional<TimePoint> next_deadline() const;

  private:
    struct Ask {
        std::vector<Ticket> tickets;  // of one, usually
        TimePoint since;
        std::optional<TimePoint> sent;  // in this session
    };
    struct Asked {
        Ask ask;
        Question question;
    };
    using Cancels = std::unordered_map<TaskId, Ask>;

    // What answers a question of that kind. An unknown one has been asked twice, answered twice.
    template <typename Kind, typename Reply>
    void end_question(Reply reply, RequestEffects& effects);
    void end_cancel(Cancels::iterator position, const std::variant<Cancelling, Error>& end,
                    RequestEffects& effects);
    // When this ask has to be sent again, or given up.
    [[nodiscard]] std::optional<TimePoint> deadline(const Ask& ask) const;
    [[nodiscard]] bool is_due(const Ask& ask, TimePoint now) const;
    void send_due(TimePoint now, RequestEffects& effects);
    void give_up_due(TimePoint now, RequestEffects& effects);

    std::chrono::milliseconds timeout_;
    Error unreachable_;
    std::vector<Ask> greetings_;
    Cancels cancels_;
    std::map<std::uint64_t, Asked> questions_;
    std::uint64_t next_request_ = 1;
    BrokerTerms terms_;
    bool in_session_ = false;
    TimePoint session_lost_at_;
};

}  // namespace penstock::client
