#include "tests/unit/broker/core/test_broker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::broker::test {
namespace {

constexpr SessionId asker = 999'999;

template <typename Tag>
Id128<Tag> id_of(std::uint64_t number) {
    Id128<Tag> id;
    for (std::size_t at = 0; at < 8; ++at) {
        id.bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    return id;
}

}  // namespace

TaskId task_id(std::uint64_t number) {
    return id_of<TaskTag>(number);
}

std::uint64_t number_of(const TaskId& id) {
    std::uint64_t number = 0;
    for (std::size_t at = 8; at < 16; ++at) {
        number = number << 8U | id.bytes[at];
    }
    return number;
}

std::vector<std::uint64_t> numbers_of(const std::vector<TaskId>& ids) {
    std::vector<std::uint64_t> numbers;
    std::ranges::transform(ids, std::back_inserter(numbers), number_of);
    return numbers;
}

std::vector<TaskId> task_ids(const std::vector<std::uint64_t>& numbers) {
    std::vector<TaskId> ids;
    std::ranges::transform(numbers, std::back_inserter(ids), task_id);
    return ids;
}

WorkerId worker_id(std::uint64_t number) {
    return id_of<WorkerTag>(number);
}

protocol::Join join_of(std::uint64_t worker, std::uint32_t slots,
                       const std::vector<std::string>& types) {
    protocol::Join join;
    join.worker = worker_id(worker);
    join.site = {"host", static_cast<std::uint32_t>(worker), 0};
    join.slots = {slots, 0};
    for (const std::string& type : types) {
        join.types.push_back({type, SlotClass::cpu});
    }
    return join;
}

TestBroker::TestBroker(const Settings& settings)
    : now_{TimePoint{1h}, 1'700'000'000'000}, scheduler_(settings, 42, now_) {
    scheduler_.begin(test_epoch, 0, now_);
}

TestBroker::TestBroker(const TestBroker& former, Duration away, const Settings& settings,
                       std::optional<Sequence> archived)
    : now_(former.now_), scheduler_(settings, 43, now_), epoch_{former.epoch_.value + 1} {
    now_.steady += away;
    set_wall_clock(away);
    if (archived) {
        scheduler_.archived_up_to(*archived);
    } else {
        scheduler_.archive_failed();
    }
    journal_.assign(former.journal_.begin(),
                    former.journal_.begin() + static_cast<std::ptrdiff_t>(former.reported_));
    for (Sequence sequence = former.trimmed_ + 1; sequence <= former.reported_; ++sequence) {
        scheduler_.restore(journal_[sequence - 1]->record, sequence);
    }
    appended_ = reported_ = former.reported_;
    trimmed_ = former.trimmed_;
    scheduler_.begin(epoch_, appended_, now_);
    turn();
}

TestBroker::OwnedRecord::OwnedRecord(const Record& source) : record(source) {
    if (auto* accepted = std::get_if<TaskAccepted>(&record)) {
        type = accepted->type;
        queue = accepted->queue;
        accepted->type = type;
        accepted->queue = queue;
    }
}

void TestBroker::from_producer(SessionId session, protocol::Message message) {
    happens(FrontendMessage{session, std::move(message)});
}

void TestBroker::from_worker(SessionId session, protocol::Message message) {
    happens(BackendMessage{session, std::move(message)});
}

void TestBroker::happens(Event event) {
    scheduler_.handle(std::move(event), now_);
    turn();
}

void TestBroker::turn() {
    Effects effects;
    scheduler_.advance(now_, effects);
    carry_out(effects);
    if (!effects.wanted_bodies.empty()) {
        BodiesRead read;
        for (const Sequence sequence : effects.wanted_bodies) {
            const TaskAccepted& accepted = stored(sequence);
            read.bodies.push_back({sequence, accepted.id, accepted.body});
        }
        bodies_read_ += read.bodies.size();
        happens(std::move(read));
    }
    if (!journal_held_ && reported_ < appended_) {
        sync();
    }
}

void TestBroker::sync_all_but(Sequence records) {
    reported_ = std::max(reported_, appended_ - std::min(appended_, records));
    happens(BecameDurable{reported_});
    trimmed_ = std::max(trimmed_, std::min(reported_, scheduler_.unneeded_up_to()));
}

void TestBroker::carry_out(Effects& effects) {
    for (const Record& record : effects.records) {
        ++appended_;
        records_.push_back(record.index());
        journal_.push_back(std::make_shared<OwnedRecord>(record));
    }
    for (ArchiveEntry& entry : effects.archive_entries) {
        if (entry.body_in > 0) {
            entry.task.body = stored(entry.body_in).body;
        }
        archived_.push_back(std::move(entry));
    }
    for (Outgoing& outgoing : effects.sends) {
        const bool heartbeat = std::holds_alternative<protocol::Heartbeat>(outgoing.message);
        if (!heartbeat && !ended_.contains(outgoing.session)) {
            inboxes_[outgoing.session].push_back(std::move(outgoing.message));
        }
    }
    for (const SessionId session : effects.ended) {
        ended_.insert(session);
        lively_.erase(session);
    }
}

const TaskAccepted& TestBroker::stored(Sequence sequence) const {
    PENSTOCK_ASSERT(sequence > trimmed_ && sequence <= reported_);
    return std::get<TaskAccepted>(journal_[sequence - 1]->record);
}

void TestBroker::pass(Duration duration) {
    const TimePoint end = now_.steady + duration;
    while (true) {
        const TimePoint next = std::min(scheduler_.next_deadline(), end);
        const auto step = std::max(next - now_.steady, Duration::zero());
        const auto before_ms = std::chrono::floor<std::chrono::milliseconds>(now_.steady);
        now_.steady += step;
        now_.unix_ms +=
            (std::chrono::floor<std::chrono::milliseconds>(now_.steady) - before_ms).count();
        for (const auto& [session, backend] : std::map(lively_)) {
            if (backend) {
                scheduler_.handle(BackendMessage{session, protocol::Heartbeat{}}, now_);
            } else {
                scheduler_.handle(FrontendMessage{session, protocol::Heartbeat{}}, now_);
            }
        }
        turn();
        if (now_.steady >= end) {
            return;
        }
    }
}

void TestBroker::stand_still(Duration duration) {
    now_.steady += duration;
    now_.unix_ms += std::chrono::floor<std::chrono::milliseconds>(duration).count();
    turn();
}

std::vector<protocol::Message> TestBroker::take(SessionId session) {
    return std::exchange(inboxes_[session], {});
}

protocol::Answer TestBroker::ask(protocol::Query query) {
    hello(asker);
    query.request = 17;
    query.limit = query.limit == 0 ? 1'000 : query.limit;
    from_producer(asker, std::move(query));
    std::vector<protocol::Answer> answers = take<protocol::Answer>(asker);
    from_producer(asker, protocol::Goodbye{});
    ended_.erase(asker);
    PENSTOCK_ASSERT(answers.size() == 1);
    PENSTOCK_ASSERT(answers.front().request == 17);
    return std::move(answers.front());
}

protocol::TaskRow TestBroker::row(std::uint64_t task) {
    protocol::Query query;
    query.what = protocol::QueryKind::task;
    query.id = task_id(task);
    const protocol::Answer answer = ask(query);
    const auto& rows = std::get<std::vector<protocol::TaskRow>>(answer.rows);
    PENSTOCK_ASSERT(rows.size() == 1);
    return rows.front();
}

protocol::QueueRow TestBroker::queue(const std::string& name) {
    protocol::Query query;
    query.what = protocol::QueryKind::queues;
    const protocol::Answer answer = ask(query);
    const auto& rows = std::get<std::vector<protocol::QueueRow>>(answer.rows);
    const auto found = std::ranges::find(rows, name, &protocol::QueueRow::name);
    PENSTOCK_ASSERT(found != rows.end());
    return *found;
}

protocol::BrokerRow TestBroker::broker() {
    const protocol::Answer answer = ask({});
    return std::get<std::vector<protocol::BrokerRow>>(answer.rows).at(0);
}

void TestBroker::hello(SessionId session) {
    lively_[session] = false;
    from_producer(session, protocol::Hello{"a client"});
}

void TestBroker::reporter(SessionId session) {
    lively_[session] = true;
    from_worker(session, protocol::Hello{"a reporter"});
}

void TestBroker::join(SessionId session, const protocol::Join& join) {
    lively_[session] = true;
    from_worker(session, join);
}

void TestBroker::join(SessionId session, std::uint32_t slots,
                      const std::vector<std::string>& types) {
    join(session, join_of(session, slots, types));
}

void TestBroker::submit(SessionId session, const std::string& type,
                        const std::vector<std::uint64_t>& tasks, const TaskOptions& options) {
    protocol::Submit message{type, "default", options, {}};
    for (const std::uint64_t task : tasks) {
        message.tasks.push_back({task_id(task), {}});
    }
    from_producer(session, std::move(message));
}

void TestBroker::cancel(SessionId session, std::uint64_t task) {
    from_producer(session, protocol::Cancel{{task_id(task)}});
}

std::vector<Lease> TestBroker::take_leases(SessionId session) {
    std::vector<Lease> leases;
    for (const protocol::Dispatch& dispatch : take<protocol::Dispatch>(session)) {
        for (const protocol::DispatchGroup& group : dispatch.groups) {
            for (const protocol::Assignment& assignment : group.tasks) {
                leases.push_back(assignment.lease);
            }
        }
    }
    return leases;
}

void TestBroker::complete(SessionId session, const Lease& lease, std::chrono::microseconds run) {
    from_worker(session, protocol::OutcomeBatch{lease.epoch, {{lease, 0, run, {}, {}}}});
}

void TestBroker::fail(SessionId session, const Lease& lease, ErrorCode code) {
    const Error error{code, "the handler says no"};
    from_worker(session, protocol::OutcomeBatch{lease.epoch, {{lease, 0, 5s, error, {}}}});
}

void TestBroker::give_back(SessionId session, const std::vector<Lease>& leases) {
    from_worker(session, protocol::Returned{epoch_, leases});
}

void TestBroker::bury(SessionId reporter, std::uint64_t worker,
                      const std::vector<protocol::StartedLease>& started) {
    protocol::Obituary obituary;
    obituary.number = ++obituaries_;
    obituary.worker = worker_id(worker);
    obituary.cause = protocol::DeathCause::signalled;
    obituary.code = 9;
    obituary.epoch = epoch_;
    obituary.started = started;
    from_worker(reporter, std::move(obituary));
}

}  // namespace penstock::broker::test
