#include "tests/scenarios/stage.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/scenarios/describe.hpp"

namespace penstock::scenarios {
namespace {

using broker::test::number_of;
using broker::test::task_id;
using broker::test::task_ids;
using broker::test::test_epoch;
using broker::test::worker_id;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::uint32_t number(const std::string& text) {
    return static_cast<std::uint32_t>(std::stoul(text));
}

milliseconds duration(const Command& command, const std::string& option) {
    return duration_cast<milliseconds>(parse_duration(command.option(option, "0ms")));
}

ErrorCode code_named(const std::string& text) {
    for (std::uint64_t value = 1; const auto code = error_code_from_number(value); ++value) {
        if (name(*code) == text) {
            return *code;
        }
    }
    throw std::runtime_error("no such error code: " + text);
}

protocol::Fate fate_named(const std::string& text) {
    if (text == "over_time_limit") {
        return protocol::Fate::over_time_limit;
    }
    if (text == "being_cancelled") {
        return protocol::Fate::being_cancelled;
    }
    return protocol::Fate::running;
}

}  // namespace

std::vector<std::string> Stage::play(const Command& command) {
    act(command);
    return what_happened();
}

void Stage::act(const Command& command) {
    if (command.verb == "pass") {
        broker_.pass(parse_duration(command.word(0)));
    } else if (command.verb == "stand_still") {
        broker_.stand_still(parse_duration(command.word(0)));
    } else if (command.verb == "hold_journal") {
        broker_.hold_journal();
    } else if (command.verb == "sync_journal") {
        broker_.sync();
    } else if (command.verb == "hello" || command.verb == "join" || command.verb == "rejoin") {
        enter(command);
    } else if (!peers_.contains(command.speaker)) {
        throw std::runtime_error("nobody is called '" + command.speaker + "'");
    } else if (command.verb == "falls_silent") {
        broker_.silence(peers_[command.speaker].session);
    } else if (command.verb == "loses_connection") {
        broker_.happens(broker::SessionLost{peers_[command.speaker].session});
    } else if (peers_[command.speaker].kind == "client") {
        act_as_producer(command, peers_[command.speaker].session);
    } else if (command.verb == "bury") {
        bury(command, peers_[command.speaker].session);
    } else {
        act_as_worker(command, peers_[command.speaker].session);
    }
}

void Stage::enter(const Command& command) {
    Peer& peer = peers_[command.speaker];
    peer.session = ++last_session_;
    peer.end_told = false;
    if (command.verb == "hello") {
        peer.kind = command.kind.empty() ? peer.kind : command.kind;
        peer.kind == "reporter" ? broker_.reporter(peer.session) : broker_.hello(peer.session);
        return;
    }
    peer.kind = "worker";
    peer.worker = command.verb == "join" ? ++last_worker_ : peer.worker;
    broker_.join(peer.session, join_message(command));
}

protocol::Join Stage::join_message(const Command& command) {
    protocol::Join join;
    join.worker = worker_id(peers_[command.speaker].worker);
    join.site = {"host", static_cast<std::uint32_t>(peers_[command.speaker].worker), 0};
    join.slots = {number(command.option("cpu", "1")), number(command.option("wait", "0"))};
    for (const std::string& type : split(command.option("types", "sum"), ',')) {
        const bool waits = type.ends_with("/wait");
        join.types.push_back(
            {type.substr(0, type.find('/')), waits ? SlotClass::wait : SlotClass::cpu});
    }
    join.queues = split(command.option("queues", ""), ',');
    join.held = leases(command.option("held", ""));
    return join;
}

void Stage::act_as_producer(const Command& command, SessionId session) {
    if (command.verb == "submit") {
        submit(command, session);
    } else if (command.verb == "await") {
        broker_.from_producer(session, protocol::Await{task_ids(parse_numbers(command.word(0)))});
    } else if (command.verb == "cancel") {
        broker_.from_producer(session, protocol::Cancel{task_ids(parse_numbers(command.word(0)))});
    } else if (command.verb == "look") {
        broker_.from_producer(session, query(command));
    } else if (command.verb == "goodbye") {
        broker_.from_producer(session, protocol::Goodbye{});
    } else {
        throw std::runtime_error("clients do not know '" + command.verb + "'");
    }
}

void Stage::submit(const Command& command, SessionId session) {
    protocol::Submit message{command.word(1), command.option("queue", "default"), {}, {}};
    message.options.max_attempts = number(command.option("attempts", "0"));
    message.options.backoff_base = duration(command, "backoff_base");
    message.options.backoff_max = duration(command, "backoff_max");
    message.options.notify = command.option("notify", "yes") == "yes";
    message.options.durability = durability_from_name(command.option("durability", "disk")).value();
    const std::string payload(number(command.option("bytes", "0")), 'x');
    for (const std::uint64_t task : parse_numbers(command.word(0))) {
        message.tasks.push_back({task_id(task), {{}, SharedBytes::copy_of(payload)}});
    }
    broker_.from_producer(session, std::move(message));
}

protocol::Query Stage::query(const Command& command) const {
    protocol::Query query;
    query.limit = 100;
    const std::string& what = command.word(0);
    if (what == "task") {
        query.what = protocol::QueryKind::task;
        query.id = task_id(parse_numbers(command.word(1)).at(0));
    } else if (what == "tasks") {
        query.what = protocol::QueryKind::tasks;
    } else if (what == "queues") {
        query.what = protocol::QueryKind::queues;
    } else if (what == "workers") {
        query.what = protocol::QueryKind::workers;
    } else if (what != "broker") {
        throw std::runtime_error("nothing to look at: " + what);
    }
    return query;
}

void Stage::act_as_worker(const Command& command, SessionId session) {
    if (command.verb == "complete") {
        report(command, session, std::nullopt);
    } else if (command.verb == "fail") {
        report(command, session, Error{code_named(command.word(1)), "the handler says so"});
    } else if (command.verb == "return") {
        broker_.give_back(session, leases(command.word(0)));
    } else if (command.verb == "drain") {
        broker_.from_worker(session, protocol::Drain{});
    } else if (command.verb == "goodbye") {
        broker_.from_worker(session, protocol::Goodbye{});
    } else {
        throw std::runtime_error("workers do not know '" + command.verb + "'");
    }
}

void Stage::report(const Command& command, SessionId session, std::optional<Error> error) {
    const auto run = duration_cast<microseconds>(parse_duration(command.option("run", "5s")));
    protocol::OutcomeBatch batch{test_epoch, {}};
    for (const Lease& lease : leases(command.word(0))) {
        batch.outcomes.push_back({lease, 0, run, error, {}});
    }
    broker_.from_worker(session, std::move(batch));
}

void Stage::bury(const Command& command, SessionId session) {
    protocol::Obituary obituary;
    obituary.number = ++obituaries_;
    obituary.worker = worker_id(peers_.at(command.word(0)).worker);
    obituary.cause = protocol::DeathCause::signalled;
    obituary.code = number(command.option("signal", "9"));
    obituary.epoch = test_epoch;
    for (const std::string& started : split(command.option("started", ""), ',')) {
        const std::vector<std::string> parts = split(started, ':');
        const protocol::Fate fate = fate_named(parts.size() == 2 ? parts[1] : "running");
        for (const Lease& lease : leases(parts.at(0))) {
            obituary.started.push_back({lease, fate});
        }
    }
    broker_.from_worker(session, std::move(obituary));
}

std::vector<Lease> Stage::leases(std::string_view names) const {
    std::vector<Lease> found;
    for (const LeaseName& name : parse_leases(names)) {
        const std::uint32_t last = name.attempt.value_or(0xFFFFFFFF);
        auto after = leases_.upper_bound({name.task, last});
        if (after == leases_.begin() || (--after)->first.first != name.task) {
            throw std::runtime_error("no lease of task " + std::to_string(name.task));
        }
        found.push_back(after->second);
    }
    return found;
}

void Stage::remember_leases(const protocol::Message& message) {
    const auto* dispatch = std::get_if<protocol::Dispatch>(&message);
    if (dispatch == nullptr) {
        return;
    }
    for (const protocol::DispatchGroup& group : dispatch->groups) {
        for (const protocol::Assignment& task : group.tasks) {
            leases_[{number_of(task.lease.task), task.lease.attempt}] = task.lease;
        }
    }
}

std::vector<std::string> Stage::what_happened() {
    const auto worker_name = [&](const WorkerId& id) {
        const auto found = std::ranges::find_if(
            peers_, [&](const auto& peer) { return worker_id(peer.second.worker) == id; });
        return found == peers_.end() ? "a stranger" : found->first;
    };
    std::vector<std::string> lines;
    for (auto& [name, peer] : peers_) {
        for (const protocol::Message& message : broker_.take(peer.session)) {
            remember_leases(message);
            for (const std::string& line : describe(message, worker_name)) {
                lines.push_back(name + " < " + line);
            }
        }
        if (broker_.ended(peer.session) && !peer.end_told) {
            peer.end_told = true;
            lines.push_back(name + " has no session any more");
        }
    }
    return lines;
}

}  // namespace penstock::scenarios
