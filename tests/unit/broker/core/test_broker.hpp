// The real scheduler with a clock, a journal and a shell that a test holds in its hand.
//
// Peers are session numbers. A peer that has said HELLO or JOIN sends heartbeats while time passes,
// until it is silenced or its session ends; the answers to them are not kept.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "broker/core/scheduler.hpp"

namespace penstock::broker::test {

using namespace std::chrono_literals;

[[nodiscard]] TaskId task_id(std::uint64_t number);
[[nodiscard]] std::uint64_t number_of(const TaskId& id);
[[nodiscard]] std::vector<std::uint64_t> numbers_of(const std::vector<TaskId>& ids);
[[nodiscard]] std::vector<TaskId> task_ids(const std::vector<std::uint64_t>& numbers);
[[nodiscard]] WorkerId worker_id(std::uint64_t number);

inline constexpr Epoch test_epoch{7};

// The sessions of the peers that most tests have.
inline constexpr SessionId test_client = 1;
inline constexpr SessionId test_reporter = 2;
inline constexpr SessionId test_worker = 10;

class TestBroker {
  public:
    explicit TestBroker(const Settings& settings = {});
    // The next life of a broker that was killed: it finds what was durable of its records, and the
    // clocks have gone on by `away`. `archived`: what former lives have got into the archive;
    // nothing if that cannot be opened.
    TestBroker(const TestBroker& former, Duration away, const Settings& settings = {},
               std::optional<Sequence> archived = 0);

    // One event, and the turn that follows it.
    void from_producer(SessionId session, protocol::Message message);
    void from_worker(SessionId session, protocol::Message message);
    void happens(Event event);

    // Lets time pass in small steps; everybody lively is heard of.
    void pass(Duration duration);
    // The broker itself stands still: nobody is heard, no deadline fires until it is over.
    void stand_still(Duration duration);
    // Somebody sets the wall clock.
    void set_wall_clock(Duration forward) {
        now_.unix_ms += std::chrono::floor<std::chrono::milliseconds>(forward).count();
    }
    void silence(SessionId session) { lively_.erase(session); }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] Epoch epoch() const { return epoch_; }
    // Records up to this one have been trimmed: the next life does not find them.
    [[nodiscard]] Sequence trimmed() const { return trimmed_; }

    // Bodies that were asked for, which were durable and not trimmed.
    [[nodiscard]] std::size_t bodies_read() const { return bodies_read_; }

    // What the archive has been given; what has got there; and that it takes nothing any more.
    [[nodiscard]] const std::vector<ArchiveEntry>& archived() const { return archived_; }
    void pay(Sequence up_to) { scheduler_.archived_up_to(up_to); }
    void archive_fails() { scheduler_.archive_failed(); }

    // From now on records become durable only by sync().
    void hold_journal() { journal_held_ = true; }
    void sync() { sync_all_but(0); }
    void sync_all_but(Sequence records);

    // Everything that the session has been told since the last call.
    [[nodiscard]] std::vector<protocol::Message> take(SessionId session);
    // The same, of one kind only; the rest is dropped.
    template <typename Kind>
    [[nodiscard]] std::vector<Kind> take(SessionId session) {
        std::vector<Kind> found;
        for (protocol::Message& message : take(session)) {
            if (auto* wanted = std::get_if<Kind>(&message)) {
                found.push_back(std::move(*wanted));
            }
        }
        return found;
    }
    [[nodiscard]] const std::map<SessionId, std::vector<protocol::Message>>& inboxes() const {
        return inboxes_;
    }
    [[nodiscard]] bool ended(SessionId session) const { return ended_.contains(session); }
    // Kinds of all records so far, in order: positions in the Record variant.
    [[nodiscard]] const std::vector<std::size_t>& records() const { return records_; }

    // The answer to a query, asked on a session of its own.
    [[nodiscard]] protocol::Answer ask(protocol::Query query);
    [[nodiscard]] protocol::TaskRow row(std::uint64_t task);
    [[nodiscard]] protocol::QueueRow queue(const std::string& name = "default");
    [[nodiscard]] protocol::BrokerRow broker();

    // --- a small language
    void hello(SessionId session);
    void reporter(SessionId session);
    void join(SessionId session, const protocol::Join& join);
    // A worker of `slots` cpu slots that runs `types`; its id has the session's number.
    void join(SessionId session, std::uint32_t slots, const std::vector<std::string>& types);
    void submit(SessionId session, const std::string& type, const std::vector<std::uint64_t>& tasks,
                const TaskOptions& options = {});
    void cancel(SessionId session, std::uint64_t task);
    // The leases that DISPATCH has brought since the last call.
    [[nodiscard]] std::vector<Lease> take_leases(SessionId session);
    void complete(SessionId session, const Lease& lease, std::chrono::microseconds run = 5s);
    void fail(SessionId session, const Lease& lease, ErrorCode code);
    void give_back(SessionId session, const std::vector<Lease>& leases);
    void bury(SessionId reporter, std::uint64_t worker,
              const std::vector<protocol::StartedLease>& started);

  private:
    void turn();
    [[nodiscard]] const TaskAccepted& stored(Sequence sequence) const;
    void carry_out(Effects& effects);

    // A record with the texts that its views lead to.
    struct OwnedRecord {
        Record record;
        std::string type;
        std::string queue;

        explicit OwnedRecord(const Record& source);
        OwnedRecord(const OwnedRecord&) = delete;
        OwnedRecord& operator=(const OwnedRecord&) = delete;
    };

    Instant now_;
    Scheduler scheduler_;
    bool journal_held_ = false;
    Epoch epoch_ = test_epoch;
    Sequence appended_ = 0;
    Sequence reported_ = 0;
    std::size_t bodies_read_ = 0;
    Sequence trimmed_ = 0;
    std::vector<std::size_t> records_;
    std::vector<ArchiveEntry> archived_;
    std::deque<std::shared_ptr<const OwnedRecord>> journal_;  // from record 1 on
    std::map<SessionId, std::vector<protocol::Message>> inboxes_;
    std::set<SessionId> ended_;
    std::map<SessionId, bool> lively_;  // to whether it is on the backend
    std::uint64_t obituaries_ = 0;
};

[[nodiscard]] protocol::Join join_of(std::uint64_t worker, std::uint32_t slots,
                                     const std::vector<std::string>& types);

}  // namespace penstock::broker::test
