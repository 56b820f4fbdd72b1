#include "broker/core/scheduler.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "broker/core/bodies.hpp"
#include "broker/core/dispatcher.hpp"
#include "broker/core/journal_upkeep.hpp"
#include "broker/core/lifecycle.hpp"
#include "broker/core/memory_of_past.hpp"
#include "broker/core/producer_desk.hpp"
#include "broker/core/quarantine.hpp"
#include "broker/core/waiting_work.hpp"
#include "broker/core/worker_desk.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

constexpr const char* wrong_port =
    "this message does not belong on this port, or not from this peer; see docs/PROTOCOL.md";

template <typename... Kinds>
bool is_one_of(const protocol::Message& message) {
    return (std::holds_alternative<Kinds>(message) || ...);
}

bool belongs_on_frontend(const protocol::Message& message) {
    return is_one_of<protocol::Hello, protocol::Submit, protocol::Await, protocol::Cancel,
                     protocol::Query, protocol::ArchiveRequest, protocol::Backup,
                     protocol::Heartbeat, protocol::Goodbye, protocol::SlotsRead,
                     protocol::NoMemory>(message);
}

// Without touching them, as a rule: there are many, and records are large.
template <typename T>
void move_all(std::vector<T>& from, std::vector<T>& to) {
    if (to.empty()) {
        std::swap(from, to);
    } else {
        std::ranges::move(from, std::back_inserter(to));
        from.clear();
    }
}

bool belongs_on_backend(const protocol::Message& message) {
    return is_one_of<protocol::Hello, protocol::Join, protocol::OutcomeBatch, protocol::Returned,
                     protocol::Progress, protocol::Drain, protocol::Obituary, protocol::Heartbeat,
                     protocol::Goodbye, protocol::NoMemory>(message);
}

}  // namespace

Scheduler::Scheduler(const Settings& settings, std::uint64_t seed, Instant now)
    : books_(settings, seed, now), recovery_(books_) {}

void Scheduler::archived_up_to(Sequence sequence) {
    if (recovery_) {
        books_.archived = sequence;
    }
    books_.archive_debt.paid(sequence);
}

void Scheduler::archive_failed() {
    if (recovery_) {
        books_.archive_debt.add(1, 1, 0);
    }
    books_.archive_debt.fail(books_.journal_bytes);
    books_.archive_entries.clear();
}

void Scheduler::restore(const Record& record, Sequence sequence) {
    recovery_->take(record, sequence);
}

Sequence Scheduler::unneeded_up_to() {
    return broker::unneeded_up_to(books_);
}

void Scheduler::begin(Epoch epoch, Sequence last, Instant now) {
    books_.epoch = epoch;
    books_.outbox.begin(epoch);
    recovery_->end(last, now);
    recovery_.reset();
    last_turn_ = now;
    listening_since_ = now.steady;
    books_.deadlines.add({now.steady + books_.settings.heartbeat, Deadline::Kind::housekeeping});
}

void Scheduler::handle(Event event, Instant now) {
    note_pause(now);
    std::visit([&](auto& known) { on(known, now); }, event);
}

void Scheduler::advance(Instant now, Effects& effects) {
    note_pause(now);
    fire_due(now);
    dispatch_suspects(books_, now);
    dispatch_ready(books_, now);
    put_away(books_, books_.outbox.durable());  // of what still waits
    books_.outbox.flush(books_.tasks, effects);
    forget_the_past(books_, now);
    carry_forward(books_);
    move_all(books_.records, effects.records);
    move_all(books_.archive_entries, effects.archive_entries);
    move_all(books_.archive_questions, effects.archive_questions);
    move_all(books_.ended, effects.ended);
    move_all(books_.backups, effects.backups);
    move_all(books_.wanted_bodies, effects.wanted_bodies);
}

TimePoint Scheduler::next_deadline() const {
    const std::optional<TimePoint> next = books_.deadlines.next();
    PENSTOCK_ASSERT(next.has_value());  // housekeeping always has an entry
    const std::optional<std::int64_t> appointment = books_.appointments.next();
    if (!appointment) {
        return *next;
    }
    // Right as long as nobody sets the wall clock; then housekeeping comes soon enough.
    const std::int64_t wait = std::max<std::int64_t>(*appointment - last_turn_.unix_ms, 0);
    const std::chrono::milliseconds soon(std::min<std::int64_t>(wait, 1'000'000));
    return std::min(*next, last_turn_.steady + soon);
}

void Scheduler::on(FrontendMessage& event, Instant now) {
    if (!belongs_on_frontend(event.message)) {
        on(BadMessage{event.session, {ErrorCode::malformed, wrong_port}}, now);
        return;
    }
    if (const auto* hello = std::get_if<protocol::Hello>(&event.message)) {
        books_.sessions[event.session] = {Session::Role::producer, now.steady, no_index,
                                          domain_of(hello->memory)};
        greet(event.session);
        return;
    }
    const auto session = books_.sessions.find(event.session);
    if (session == books_.sessions.end()) {
        refuse_stranger(event.session, {ErrorCode::no_session, "say HELLO first"});
        return;
    }
    session->second.last_heard = now.steady;
    handle_producer(event.session, event.message, now);
}

void Scheduler::handle_producer(SessionId session, protocol::Message& message, Instant now) {
    if (const auto* submit = std::get_if<protocol::Submit>(&message)) {
        handle_submit(books_, session, *submit, now);
    } else if (const auto* await = std::get_if<protocol::Await>(&message)) {
        handle_await(books_, session, *await);
    } else if (const auto* request = std::get_if<protocol::Cancel>(&message)) {
        handle_cancel(books_, session, *request, now);
    } else if (const auto* query = std::get_if<protocol::Query>(&message)) {
        handle_query(books_, session, *query, now);
    } else if (auto* question = std::get_if<protocol::ArchiveRequest>(&message)) {
        books_.archive_questions.push_back({session, std::move(*question)});
    } else if (auto* backup = std::get_if<protocol::Backup>(&message)) {
        books_.backups.push_back({session, std::move(*backup)});
    } else if (std::holds_alternative<protocol::Heartbeat>(message)) {
        books_.outbox.say(session, protocol::Heartbeat{});
    } else if (std::holds_alternative<protocol::Goodbye>(message)) {
        end_session(session, true, now);
    }
}

void Scheduler::on(BackendMessage& event, Instant now) {
    if (!belongs_on_backend(event.message)) {
        on(BadMessage{event.session, {ErrorCode::malformed, wrong_port}}, now);
        return;
    }
    const auto known = books_.sessions.find(event.session);
    const auto has_role = [&](Session::Role role) {
        return known != books_.sessions.end() && known->second.role == role;
    };
    if (std::holds_alternative<protocol::Hello>(event.message)) {
        if (has_role(Session::Role::worker)) {
            on(BadMessage{event.session, {ErrorCode::malformed, wrong_port}}, now);
            return;
        }
        books_.sessions[event.session] = {Session::Role::reporter, now.steady};
        greet(event.session);
        return;
    }
    if (const auto* join = std::get_if<protocol::Join>(&event.message)) {
        if (has_role(Session::Role::reporter)) {
            on(BadMessage{event.session, {ErrorCode::malformed, wrong_port}}, now);
            return;
        }
        if (const std::optional<Error> objection = objection_to(books_, *join)) {
            on(BadMessage{event.session, *objection}, now);
            return;
        }
        handle_join(books_, event.session, *join, now);
        greet(event.session);
        return;
    }
    const auto session = books_.sessions.find(event.session);
    if (session == books_.sessions.end()) {
        refuse_stranger(event.session, {ErrorCode::no_session, "say JOIN (or HELLO) first"});
        return;
    }
    session->second.last_heard = now.steady;
    if (std::holds_alternative<protocol::Heartbeat>(event.message)) {
        books_.outbox.say(event.session, protocol::Heartbeat{});
    } else if (std::holds_alternative<protocol::Goodbye>(event.message)) {
        end_session(event.session, true, now);
    } else if (session->second.role == Session::Role::worker) {
        handle_worker(session->second.worker, event.message, now);
    } else if (const auto* obituary = std::get_if<protocol::Obituary>(&event.message)) {
        handle_obituary(books_, event.session, *obituary, now);
    } else {
        books_.outbox.refuse(event.session, {ErrorCode::malformed, wrong_port}, {});
    }
}

void Scheduler::handle_worker(WorkerIndex worker, protocol::Message& message, Instant now) {
    if (const auto* outcomes = std::get_if<protocol::OutcomeBatch>(&message)) {
        handle_outcomes(books_, worker, *outcomes, now);
    } else if (const auto* returned = std::get_if<protocol::Returned>(&message)) {
        handle_returned(books_, worker, *returned, now);
    } else if (const auto* progress = std::get_if<protocol::Progress>(&message)) {
        handle_progress(books_, worker, *progress);
    } else if (std::holds_alternative<protocol::Drain>(message)) {
        books_.workers.drain(worker);
    } else if (!std::holds_alternative<protocol::NoMemory>(message)) {  // the shell's
        books_.outbox.refuse(books_.workers[worker].session, {ErrorCode::malformed, wrong_port},
                             {});
    }
}

void Scheduler::on(const BadMessage& event, Instant now) {
    const auto session = books_.sessions.find(event.session);
    if (session == books_.sessions.end()) {
        refuse_stranger(event.session, event.error);
        return;
    }
    session->second.last_heard = now.steady;
    books_.outbox.refuse(event.session, event.error, {});
}

void Scheduler::on(const SessionLost& event, Instant now) {
    end_session(event.session, false, now);
}

void Scheduler::on(const BecameDurable& event, Instant /*now*/) {
    books_.outbox.became_durable(event.sequence);
}

void Scheduler::on(const BodiesRead& event, Instant /*now*/) {
    handle_bodies(books_, event);
}

void Scheduler::on(const DiskReport& event, Instant /*now*/) {
    books_.disk = event;
}

void Scheduler::greet(SessionId session) {
    // What it said before, outside a session, has made it one to forget.
    std::erase(books_.ended, session);
    const Settings& settings = books_.settings;
    books_.outbox.say(
        session, protocol::Welcome{books_.epoch, PENSTOCK_VERSION, settings.heartbeat,
                                   settings.liveness, settings.body_max_bytes, settings.batch_max});
}

void Scheduler::refuse_stranger(SessionId session, const Error& error) {
    books_.outbox.refuse(session, error, {});
    books_.ended.push_back(session);
}

void Scheduler::end_session(SessionId session, bool goodbye, Instant now) {
    const auto found = books_.sessions.find(session);
    if (found == books_.sessions.end()) {
        return;
    }
    const WorkerIndex worker = found->second.worker;
    if (worker != no_index && goodbye) {
        part_with_worker(books_, worker, now);
        return;
    }
    if (worker != no_index) {
        // The process may have survived its connection: it joins again within the liveness time
        // with the leases that it still holds, or an obituary or silence ends them. The shell
        // forgets the session now, so that a peer that still speaks is told to join again.
        books_.workers.disconnect(worker);
        books_.outbox.forget(session);
        books_.ended.push_back(session);
        return;
    }
    books_.sessions.erase(found);
    books_.outbox.forget(session);
    books_.ended.push_back(session);
}

void Scheduler::fire_due(Instant now) {
    while (const std::optional<Deadline> due = books_.deadlines.pop_due(now.steady)) {
        fire(*due, now);
    }
    while (const auto due = books_.appointments.pop_due(now.unix_ms)) {
        keep(books_, *due, now);
    }
}

void Scheduler::fire(const Deadline& deadline, Instant now) {
    switch (deadline.kind) {
        case Deadline::Kind::wake_task:
            if (is_meant(books_, deadline)) {
                wake(books_, deadline.index);
            }
            return;
        case Deadline::Kind::check_waiting_work:
            if (books_.workers[deadline.index].used &&
                books_.workers[deadline.index].session == deadline.ticket) {
                recall_waiting_work(books_, deadline.index, now);
            }
            return;
        case Deadline::Kind::housekeeping: keep_house(now); return;
    }
}

void Scheduler::keep_house(Instant now) {
    end_silent_sessions(now);
    const bool more = give_up_unserved(books_, now);
    const Duration pause = more ? std::chrono::milliseconds(1) : books_.settings.heartbeat;
    books_.deadlines.add({now.steady + pause, Deadline::Kind::housekeeping});
}

void Scheduler::end_silent_sessions(Instant now) {
    std::vector<SessionId> silent;
    for (const auto& [session, known] : books_.sessions) {
        const TimePoint since = std::max(known.last_heard, listening_since_);
        if (now.steady - since >= books_.settings.liveness) {
            silent.push_back(session);
        }
    }
    std::ranges::sort(silent);  // the order of a hash table is not the same everywhere
    for (const SessionId session : silent) {
        const WorkerIndex worker = books_.sessions[session].worker;
        if (worker != no_index) {
            lose_worker(books_, worker, now);
        } else {
            end_session(session, false, now);
        }
    }
}

void Scheduler::note_pause(Instant now) {
    // The loop wakes at least once per heartbeat. A longer gap means that the broker itself stood
    // still, and everybody else's messages are waiting unread.
    if (now.steady - last_turn_.steady > 2 * books_.settings.heartbeat) {
        listening_since_ = now.steady;
    }
    last_turn_ = now;
}

}  // namespace penstock::broker
