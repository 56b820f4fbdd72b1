#include "broker/core/worker_desk.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using protocol::Fate;
using Numbers = std::vector<std::uint64_t>;
constexpr SessionId another = 11;

struct WorkerPeers : TestBroker {
    explicit WorkerPeers(const Settings& settings = {}) : TestBroker(settings) {
        hello(test_client);
        TestBroker::reporter(test_reporter);
        static_cast<void>(take(test_client));
        static_cast<void>(take(test_reporter));
    }

    // Tasks 1..count, running in a new worker with as many slots.
    std::vector<Lease> running(std::uint64_t count, const TaskOptions& options = {}) {
        join(test_worker, static_cast<std::uint32_t>(count), {"sum"});
        Numbers numbers;
        for (std::uint64_t n = 1; n <= count; ++n) {
            numbers.push_back(n);
        }
        submit(test_client, "sum", numbers, options);
        const std::vector<Lease> leases = take_leases(test_worker);
        REQUIRE(leases.size() == count);
        return leases;
    }
    Numbers settled(SessionId session) {
        Numbers numbers;
        for (const protocol::Settled& message : take<protocol::Settled>(session)) {
            CHECK(message.epoch == test_epoch);
            for (const TaskId& id : message.ids) {
                numbers.push_back(number_of(id));
            }
        }
        return numbers;
    }
    void rejoin(SessionId session, const std::vector<Lease>& held, std::uint32_t slots = 1) {
        protocol::Join message = join_of(test_worker, slots, {"sum"});
        message.held = held;
        join(session, message);
    }
};

TaskOptions attempts(std::uint32_t max_attempts) {
    TaskOptions options;
    options.max_attempts = max_attempts;
    return options;
}

}  // namespace

TEST_CASE("a success is recorded, settled, and frees the slot") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.submit(test_client, "sum", {2});
    CHECK(desk.take_leases(test_worker).empty());
    desk.complete(test_worker, lease, 1s);
    CHECK(desk.row(1).state == TaskState::completed);
    CHECK(desk.row(1).run == 1s);
    const auto heard = desk.take(test_worker);
    REQUIRE(heard.size() == 2);
    // New work need not wait for the journal.
    CHECK(std::holds_alternative<protocol::Dispatch>(heard[0]));
    CHECK(std::get<protocol::Settled>(heard[1]).ids == task_ids({1}));
}

TEST_CASE("an outcome under a lease that is not current is refused, counted and settled") {
    WorkerPeers desk;
    Lease lease = desk.running(1).at(0);
    SECTION("another attempt") {
        ++lease.attempt;
    }
    SECTION("a guessed nonce") {
        lease.nonce ^= std::uint64_t{1} << 32U;
    }
    SECTION("a nonce that leads elsewhere") {
        ++lease.nonce;
    }
    SECTION("another epoch") {
        ++lease.epoch.value;
    }
    SECTION("an unknown task") {
        lease.task = task_id(99);
    }
    desk.complete(test_worker, lease);
    CHECK(desk.row(1).state == TaskState::active);
    CHECK(desk.broker().stale_outcomes == 1);
    CHECK(desk.settled(test_worker) == Numbers{number_of(lease.task)});
}

TEST_CASE("another worker cannot record the outcome") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.join(another, 1, {"sum"});
    desk.complete(another, lease);
    CHECK(desk.row(1).state == TaskState::active);
    CHECK(desk.broker().stale_outcomes == 1);
}

TEST_CASE("an outcome that is sent twice is recorded once") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.complete(test_worker, lease);
    desk.fail(test_worker, lease, ErrorCode::failed);
    CHECK(desk.row(1).state == TaskState::completed);
    CHECK(desk.broker().stale_outcomes == 1);
    CHECK(desk.settled(test_worker) == Numbers{1, 1});
    CHECK(desk.take<protocol::ResultBatch>(test_client).size() == 1);
}

TEST_CASE("a failure is tried again after a wait, up to max_attempts") {
    WorkerPeers desk;
    Lease lease = desk.running(1, attempts(3)).at(0);
    for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
        CHECK(lease.attempt == attempt);
        desk.fail(test_worker, lease, ErrorCode::failed);
        if (attempt < 3) {
            CHECK(desk.row(1).state == TaskState::retrying);
            CHECK(desk.take_leases(test_worker).empty());
            desk.pass(5s);
            lease = desk.take_leases(test_worker).at(0);
        }
    }
    const protocol::TaskRow row = desk.row(1);
    CHECK(row.state == TaskState::dead);
    CHECK(row.dead_reason == DeadReason::attempts_exhausted);
    CHECK(row.error == Error{ErrorCode::failed, "the handler says no"});
    CHECK(row.attempts == 3);
}

TEST_CASE("a rejected input is not tried again") {
    WorkerPeers desk;
    const auto [code, reason] = GENERATE(std::pair{ErrorCode::rejected, DeadReason::rejected},
                                         std::pair{ErrorCode::no_handler, DeadReason::no_handler});
    desk.fail(test_worker, desk.running(1).at(0), code);
    CHECK(desk.row(1).state == TaskState::dead);
    CHECK(desk.row(1).dead_reason == reason);
}

TEST_CASE("a task that is given back keeps its place and is not charged") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(2, attempts(1));
    desk.submit(test_client, "sum", {3});
    desk.give_back(test_worker, {leases[1], leases[0]});
    std::vector<std::uint64_t> order;
    for (const Lease& lease : desk.take_leases(test_worker)) {
        order.push_back(number_of(lease.task));
        CHECK(lease.attempt == 2);
    }
    CHECK(order == Numbers{1, 2});
    desk.give_back(test_worker, leases);
    CHECK(desk.row(1).state == TaskState::active);
}

TEST_CASE("progress is shown for the current lease only") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    Lease stale = lease;
    stale.nonce ^= std::uint64_t{1} << 63U;
    desk.from_worker(test_worker, protocol::Progress{test_epoch, {{lease, 250, "a quarter"}}});
    desk.from_worker(test_worker, protocol::Progress{test_epoch, {{stale, 900, "a lie"}}});
    CHECK(desk.row(1).progress_permille == 250);
    CHECK(desk.row(1).progress_note == "a quarter");
}

TEST_CASE("when a process dies, what had not started goes to others uncharged") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(2, attempts(1));
    desk.bury(test_reporter, test_worker, {{leases[0], Fate::running}});
    CHECK(desk.take<protocol::Noted>(test_reporter).at(0).number == 1);
    CHECK(desk.row(1).state == TaskState::queued);
    CHECK(desk.row(2).state == TaskState::queued);

    desk.join(another, 1, {"sum"});
    desk.join(another + 1, 1, {"sum"});
    const Lease alone = desk.take_leases(another).at(0);
    const Lease innocent = desk.take_leases(another + 1).at(0);
    CHECK(number_of(innocent.task) == 2);
    desk.complete(another + 1, innocent);
    desk.complete(another, alone);
    CHECK(desk.row(1).state == TaskState::completed);
    CHECK(desk.row(2).state == TaskState::completed);
}

TEST_CASE("a process over a time limit costs that task an attempt, until the last") {
    WorkerPeers desk;
    const Lease first = desk.running(1, attempts(2)).at(0);
    desk.bury(test_reporter, test_worker, {{first, Fate::over_time_limit}});
    CHECK(desk.row(1).state == TaskState::retrying);
    CHECK(desk.row(1).error->code == ErrorCode::time_limit);

    desk.pass(5s);
    desk.join(another, 1, {"sum"});
    desk.bury(test_reporter, another, {{desk.take_leases(another).at(0), Fate::over_time_limit}});
    CHECK(desk.row(1).state == TaskState::dead);
    CHECK(desk.row(1).dead_reason == DeadReason::time_limit);
}

TEST_CASE("a process that was killed to stop a task ends it as cancelled") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(2);
    desk.cancel(test_client, 1);
    desk.bury(test_reporter, test_worker,
              {{leases[0], Fate::being_cancelled}, {leases[1], Fate::running}});
    CHECK(desk.row(1).state == TaskState::cancelled);
    CHECK(desk.row(2).state == TaskState::queued);
}

TEST_CASE("what ran beside a task over its time limit is no suspect: it runs beside others again") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(3);
    desk.bury(test_reporter, test_worker,
              {{leases[0], Fate::over_time_limit},
               {leases[1], Fate::running},
               {leases[2], Fate::running}});
    desk.join(another, 2, {"sum"});
    CHECK(desk.take_leases(another).size() == 2);
}

TEST_CASE("a task that was to be cancelled does not run again after its process died") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(2);
    desk.cancel(test_client, 1);
    desk.cancel(test_client, 2);
    desk.bury(test_reporter, test_worker, {{leases[0], Fate::running}});
    CHECK(desk.row(1).state == TaskState::cancelled);
    CHECK(desk.row(2).state == TaskState::cancelled);
}

TEST_CASE("the obituary of an unknown worker is noted and changes nothing") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(1);
    desk.bury(test_reporter, 4711, {{leases[0], Fate::running}});
    CHECK(desk.take<protocol::Noted>(test_reporter).size() == 1);
    CHECK(desk.row(1).state == TaskState::active);
}

TEST_CASE("what a dead process still says finds no session") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.bury(test_reporter, test_worker, {});
    CHECK(desk.ended(test_worker));
    desk.complete(test_worker, lease);
    CHECK(desk.row(1).state == TaskState::queued);
}

TEST_CASE("a worker that falls silent loses its leases") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.silence(test_worker);
    desk.pass(5s);
    CHECK(desk.row(1).state == TaskState::active);
    desk.pass(2s);
    CHECK(desk.row(1).state == TaskState::queued);
    CHECK(desk.ended(test_worker));
    CHECK(desk.broker().workers == 0);
    CHECK(lease.attempt == 1);
}

TEST_CASE("a task is given up when too many workers vanish with it") {
    Settings settings;
    settings.losses_max = 2;
    WorkerPeers desk(settings);
    desk.submit(test_client, "sum", {1});
    for (SessionId session = test_worker; session < test_worker + 2; ++session) {
        desk.join(session, 1, {"sum"});
        CHECK(desk.take_leases(session).size() == 1);
        desk.silence(session);
        desk.pass(7s);
    }
    CHECK(desk.row(1).state == TaskState::dead);
    CHECK(desk.row(1).error->code == ErrorCode::lost);
}

TEST_CASE("a worker that says goodbye gives its leases back uncharged") {
    WorkerPeers desk;
    desk.running(1, attempts(1));
    desk.from_worker(test_worker, protocol::Goodbye{});
    CHECK(desk.row(1).state == TaskState::queued);
    CHECK(desk.ended(test_worker));
}

TEST_CASE("a worker that drains finishes what it has and gets nothing more") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.from_worker(test_worker, protocol::Drain{});
    desk.submit(test_client, "sum", {2});
    desk.complete(test_worker, lease);
    CHECK(desk.row(1).state == TaskState::completed);
    CHECK(desk.take_leases(test_worker).empty());
    CHECK(desk.row(2).state == TaskState::queued);
}

TEST_CASE("after a broken connection held leases go on, the others go to others") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(2);
    desk.happens(SessionLost{test_worker});
    CHECK(desk.row(1).state == TaskState::active);
    desk.rejoin(another, {leases[0]}, 2);

    const auto heard = desk.take(another);
    REQUIRE(heard.size() == 2);
    CHECK(std::holds_alternative<protocol::Welcome>(heard[0]));
    const auto& work = std::get<protocol::Dispatch>(heard[1]);
    CHECK(work.groups.at(0).tasks.at(0).lease.task == task_id(2));
    CHECK(work.groups.at(0).tasks.at(0).lease.attempt == 2);
    desk.complete(another, leases[0]);
    CHECK(desk.row(1).state == TaskState::completed);
    CHECK(desk.broker().workers == 1);
}

TEST_CASE("a worker out of reach gets nothing, and is lost when it does not come back") {
    WorkerPeers desk;
    desk.running(1);
    desk.happens(SessionLost{test_worker});
    CHECK(desk.ended(test_worker));
    desk.submit(test_client, "sum", {2});
    desk.pass(7s);
    CHECK(desk.row(1).state == TaskState::queued);
    CHECK(desk.broker().workers == 0);
}

TEST_CASE("a worker that was told to stop a task out of reach is told again") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.happens(SessionLost{test_worker});
    desk.cancel(test_client, 1);
    desk.rejoin(another, {lease});
    const auto stops = desk.take<protocol::Stop>(another);
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].leases == std::vector{lease});
}

TEST_CASE("a worker that joins again on the same session is greeted and keeps the session") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.rejoin(test_worker, {lease});
    CHECK(desk.take<protocol::Welcome>(test_worker).size() == 1);
    CHECK_FALSE(desk.ended(test_worker));
    desk.complete(test_worker, lease);
    CHECK(desk.row(1).state == TaskState::completed);
}

TEST_CASE("another worker on the same session takes the place of the first") {
    WorkerPeers desk;
    desk.running(1, attempts(1));
    desk.join(test_worker, join_of(4711, 1, {"sum"}));
    CHECK_FALSE(desk.ended(test_worker));
    CHECK(desk.broker().workers == 1);
    const auto leases = desk.take_leases(test_worker);
    REQUIRE(leases.size() == 1);
    CHECK(leases[0].attempt == 2);
    desk.complete(test_worker, leases[0]);
    CHECK(desk.row(1).state == TaskState::completed);
}

TEST_CASE("a session keeps its role: neither becomes a worker a reporter nor the reverse") {
    WorkerPeers desk;
    desk.running(1, attempts(1));
    desk.reporter(test_worker);
    CHECK(desk.take<protocol::Refusal>(test_worker).at(0).error.code == ErrorCode::malformed);
    CHECK(desk.row(1).state == TaskState::active);
    desk.join(test_reporter, 1, {"sum"});
    CHECK(desk.take<protocol::Refusal>(test_reporter).at(0).error.code == ErrorCode::malformed);
    CHECK(desk.broker().workers == 1);
}

TEST_CASE("a task that workers lose on the way again and again is given up") {
    WorkerPeers desk;
    desk.running(1);
    for (std::uint32_t loss = 1; loss < Settings{}.losses_max; ++loss) {
        desk.rejoin(test_worker, {});
        CHECK(desk.row(1).state == TaskState::active);  // the next lease
    }
    desk.rejoin(test_worker, {});
    CHECK(desk.row(1).state == TaskState::dead);
    CHECK(desk.row(1).error->code == ErrorCode::lost);
}

TEST_CASE("an attempt that was killed does not show the run of the one before") {
    WorkerPeers desk;
    TaskOptions options = attempts(2);
    options.backoff_base = 1ms;
    const Lease first = desk.running(1, options).at(0);
    desk.from_worker(
        test_worker,
        protocol::OutcomeBatch{test_epoch, {{first, 7, 5s, Error{ErrorCode::failed, "no"}, {}}}});
    desk.pass(1s);
    const Lease second = desk.take_leases(test_worker).at(0);
    CHECK(desk.row(1).thread == 0);
    desk.bury(test_reporter, test_worker, {{second, Fate::over_time_limit}});
    CHECK(desk.row(1).state == TaskState::dead);
    CHECK(desk.row(1).run == 0us);
}

TEST_CASE("a task that waits for another attempt keeps the beginning of a long error") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    const Error error{ErrorCode::failed, std::string(4'000, 'e')};
    desk.from_worker(test_worker, protocol::OutcomeBatch{test_epoch, {{lease, 0, 1s, error, {}}}});
    CHECK(desk.row(1).error->message == std::string(lasting_text_bytes, 'e'));
}

TEST_CASE("a lease that is held from before a loss is void") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    desk.silence(test_worker);
    desk.pass(7s);
    desk.rejoin(another, {lease});
    const std::vector<Lease> leases = desk.take_leases(another);
    REQUIRE(leases.size() == 1);
    CHECK(leases[0].attempt == 2);
    desk.complete(another, lease);
    CHECK(desk.row(1).state == TaskState::active);
    CHECK(desk.settled(another) == Numbers{1});
}

TEST_CASE("a worker that comes back after its loss is told to stop what is not its own any more") {
    WorkerPeers desk;
    const Lease lease = desk.running(1).at(0);
    Lease of_a_former_life = lease;
    --of_a_former_life.epoch.value;
    desk.silence(test_worker);
    desk.pass(7s);
    desk.rejoin(another, {lease, of_a_former_life});
    const auto stops = desk.take<protocol::Stop>(another);
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].leases == std::vector{lease});
}

TEST_CASE("a worker that joins again is not told to stop what is its own") {
    WorkerPeers desk;
    const std::vector<Lease> leases = desk.running(2);
    desk.rejoin(another, leases);
    CHECK(desk.take<protocol::Stop>(another).empty());
}

TEST_CASE("cancelling wins over every end but success") {
    WorkerPeers desk;
    const Lease lease = desk.running(1, attempts(1)).at(0);
    desk.cancel(test_client, 1);
    SECTION("rejected") {
        desk.fail(test_worker, lease, ErrorCode::rejected);
    }
    SECTION("no handler") {
        desk.fail(test_worker, lease, ErrorCode::no_handler);
    }
    SECTION("failed") {
        desk.fail(test_worker, lease, ErrorCode::failed);
    }
    SECTION("over its time limit") {
        desk.bury(test_reporter, test_worker, {{lease, Fate::over_time_limit}});
    }
    SECTION("lost") {
        desk.silence(test_worker);
        desk.pass(7s);
    }
    CHECK(desk.row(1).state == TaskState::cancelled);
    CHECK(desk.row(1).error->code == ErrorCode::cancelled);
}

TEST_CASE("a worker that would bring too many new types is refused, known ones are welcome") {
    Settings settings;
    settings.types_max = 2;
    WorkerPeers desk(settings);
    desk.join(test_worker, 1, {"sum", "lcg"});
    desk.join(another, 1, {"sum", "yet.another"});
    const auto heard = desk.take(another);
    REQUIRE(heard.size() == 1);
    const Error& error = std::get<protocol::Refusal>(heard[0]).error;
    CHECK(error.code == ErrorCode::too_large);
    CHECK(error.message.find("offer fewer") != std::string::npos);
    CHECK(desk.ended(another));
    CHECK(desk.broker().workers == 1);
    desk.join(another + 1, 1, {"lcg"});
    CHECK(desk.take<protocol::Welcome>(another + 1).size() == 1);
}

}  // namespace penstock::broker
