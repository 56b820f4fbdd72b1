#include "broker/core/scheduler.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
constexpr SessionId client = 1;
constexpr SessionId reporter = 2;
constexpr SessionId worker = 10;

ErrorCode only_refusal(TestBroker& broker, SessionId session) {
    const auto heard = broker.take(session);
    REQUIRE(heard.size() == 1);
    const auto& refusal = std::get<protocol::Refusal>(heard[0]);
    CHECK(refusal.ids.empty());
    return refusal.error.code;
}

}  // namespace

TEST_CASE("HELLO and JOIN are answered by WELCOME, with what a peer must know") {
    TestBroker broker;
    broker.hello(client);
    broker.reporter(reporter);
    broker.join(worker, 1, {"sum"});
    for (const SessionId session : {client, reporter, worker}) {
        const auto welcomes = broker.take<protocol::Welcome>(session);
        REQUIRE(welcomes.size() == 1);
        CHECK(welcomes[0].epoch == test_epoch);
        CHECK(welcomes[0].broker_version == PENSTOCK_VERSION);
        CHECK(welcomes[0].heartbeat == 1s);
        CHECK(welcomes[0].liveness == 6s);
        CHECK(welcomes[0].body_max_bytes == 32U << 20U);
        CHECK(welcomes[0].batch_max == 1'024);
    }
}

TEST_CASE("a message before HELLO or JOIN is refused, and the peer forgotten") {
    TestBroker broker;
    SECTION("a producer") {
        broker.submit(client, "sum", {1});
        CHECK(only_refusal(broker, client) == ErrorCode::no_session);
        CHECK(broker.ended(client));
    }
    SECTION("a worker") {
        broker.from_worker(worker, protocol::Heartbeat{});
        CHECK(only_refusal(broker, worker) == ErrorCode::no_session);
        CHECK(broker.ended(worker));
    }
    CHECK(broker.broker().open_tasks == 0);
}

TEST_CASE("a message on the wrong port is refused, and the session goes on") {
    TestBroker broker;
    broker.hello(client);
    broker.reporter(reporter);
    broker.join(worker, 1, {"sum"});
    for (const SessionId session : {client, reporter, worker}) {
        static_cast<void>(broker.take(session));
    }
    broker.from_producer(client, join_of(5, 1, {"sum"}));
    CHECK(only_refusal(broker, client) == ErrorCode::malformed);
    broker.from_worker(worker, protocol::Submit{"sum", "default", {}, {{task_id(1), {}}}});
    CHECK(only_refusal(broker, worker) == ErrorCode::malformed);
    broker.from_worker(reporter, protocol::OutcomeBatch{});
    CHECK(only_refusal(broker, reporter) == ErrorCode::malformed);
    broker.bury(worker, worker, {});  // only a reporter may
    CHECK(only_refusal(broker, worker) == ErrorCode::malformed);
    CHECK(broker.broker().workers == 1);
    CHECK(broker.broker().open_tasks == 0);
    CHECK_FALSE(broker.ended(client));
    CHECK_FALSE(broker.ended(worker));
}

TEST_CASE("what is no message is refused with its reason, a session goes on") {
    TestBroker broker;
    const auto code = GENERATE(ErrorCode::malformed, ErrorCode::version, ErrorCode::too_large);
    broker.hello(client);
    static_cast<void>(broker.take(client));
    broker.happens(BadMessage{client, {code, "why"}});
    CHECK(only_refusal(broker, client) == code);
    CHECK_FALSE(broker.ended(client));
    broker.happens(BadMessage{77, {code, "why"}});
    CHECK(only_refusal(broker, 77) == code);
    CHECK(broker.ended(77));
}

TEST_CASE("who speaks too early and then greets in the same turn has a session") {
    TestBroker broker;
    Effects effects;
    Scheduler scheduler(Settings{}, 1, broker.now());
    scheduler.begin(test_epoch, 0, broker.now());
    scheduler.handle(FrontendMessage{client, protocol::Heartbeat{}}, broker.now());
    scheduler.handle(FrontendMessage{client, protocol::Hello{}}, broker.now());
    scheduler.handle(BackendMessage{worker, protocol::Heartbeat{}}, broker.now());
    scheduler.handle(BackendMessage{worker, join_of(1, 1, {"sum"})}, broker.now());
    scheduler.advance(broker.now(), effects);
    CHECK(effects.ended.empty());
}

TEST_CASE("a heartbeat is answered, so that the peer hears of the broker") {
    TestBroker broker;
    Effects effects;
    Scheduler scheduler(Settings{}, 1, broker.now());
    scheduler.begin(test_epoch, 0, broker.now());
    scheduler.handle(FrontendMessage{client, protocol::Hello{}}, broker.now());
    scheduler.handle(FrontendMessage{client, protocol::Heartbeat{}}, broker.now());
    scheduler.advance(broker.now(), effects);
    REQUIRE(effects.sends.size() == 2);
    CHECK(std::holds_alternative<protocol::Heartbeat>(effects.sends[1].message));
}

TEST_CASE("silence ends a producer's session, its tasks go on") {
    TestBroker broker;
    broker.hello(client);
    broker.submit(client, "sum", {1});
    broker.silence(client);
    broker.pass(5s);
    CHECK_FALSE(broker.ended(client));
    broker.pass(2s);
    CHECK(broker.ended(client));
    CHECK(broker.row(1).state == TaskState::queued);
}

TEST_CASE("who speaks is not silent") {
    TestBroker broker;
    broker.hello(client);
    broker.reporter(reporter);
    broker.join(worker, 1, {"sum"});
    broker.pass(60s);
    CHECK_FALSE(broker.ended(client));
    CHECK_FALSE(broker.ended(reporter));
    CHECK_FALSE(broker.ended(worker));
}

TEST_CASE("a broker that stood still itself listens before it calls anybody silent") {
    TestBroker broker;
    broker.hello(client);
    broker.join(worker, 1, {"sum"});
    broker.submit(client, "sum", {1});
    broker.stand_still(60s);
    CHECK_FALSE(broker.ended(worker));
    CHECK(broker.row(1).state == TaskState::active);
    broker.pass(30s);
    CHECK_FALSE(broker.ended(worker));

    broker.stand_still(60s);
    broker.silence(worker);
    broker.pass(5s);
    CHECK_FALSE(broker.ended(worker));
    broker.pass(2s);
    CHECK(broker.ended(worker));
}

TEST_CASE("goodbye ends a session at once") {
    TestBroker broker;
    broker.hello(client);
    broker.reporter(reporter);
    broker.from_producer(client, protocol::Goodbye{});
    broker.from_worker(reporter, protocol::Goodbye{});
    CHECK(broker.ended(client));
    CHECK(broker.ended(reporter));
}

TEST_CASE("a lost session of a producer is forgotten, its tasks go on") {
    TestBroker broker;
    broker.hello(client);
    broker.submit(client, "sum", {1});
    broker.happens(SessionLost{client});
    CHECK(broker.ended(client));
    CHECK(broker.row(1).state == TaskState::queued);
    broker.happens(SessionLost{4711});
}

TEST_CASE("the same events and seed give the same effects") {
    const auto nonces = [](std::uint64_t seed) {
        const Instant now{TimePoint{1h}, 0};
        Scheduler scheduler(Settings{}, seed, now);
        scheduler.begin(test_epoch, 0, now);
        scheduler.handle(BackendMessage{worker, join_of(1, 4, {"sum"})}, now);
        scheduler.handle(FrontendMessage{client, protocol::Hello{}}, now);
        protocol::Submit submit{"sum", "default", {}, {}};
        for (std::uint64_t n = 1; n <= 4; ++n) {
            submit.tasks.push_back({task_id(n), {}});
        }
        scheduler.handle(FrontendMessage{client, submit}, now);
        Effects effects;
        scheduler.advance(now, effects);
        std::vector<std::uint64_t> found;
        for (const Outgoing& outgoing : effects.sends) {
            if (const auto* work = std::get_if<protocol::Dispatch>(&outgoing.message)) {
                for (const protocol::Assignment& assignment : work->groups.at(0).tasks) {
                    found.push_back(assignment.lease.nonce);
                }
            }
        }
        return found;
    };
    CHECK(nonces(1).size() == 4);
    CHECK(nonces(1) == nonces(1));
    CHECK(nonces(1) != nonces(2));
}

TEST_CASE("a message on the wrong port is malformed also before HELLO or JOIN") {
    TestBroker broker;
    broker.from_producer(client, join_of(5, 1, {"sum"}));
    CHECK(only_refusal(broker, client) == ErrorCode::malformed);
    CHECK(broker.ended(client));
    broker.from_worker(worker, protocol::Submit{"sum", "default", {}, {{task_id(1), {}}}});
    CHECK(only_refusal(broker, worker) == ErrorCode::malformed);
    CHECK(broker.ended(worker));
}

TEST_CASE("BACKUP is for who has the files to answer, within a session only") {
    Scheduler scheduler({}, 1, {});
    scheduler.begin(test_epoch, 0, {});
    Effects effects;
    const protocol::Backup backup{5, {"journal/x", 7}};
    scheduler.handle(FrontendMessage{client, backup}, {});
    scheduler.advance({}, effects);
    CHECK(effects.backups.empty());
    scheduler.handle(FrontendMessage{client, protocol::Hello{"copying"}}, {});
    scheduler.handle(FrontendMessage{client, backup}, {});
    scheduler.handle(BackendMessage{client, backup}, {});
    scheduler.advance({}, effects);
    REQUIRE(effects.backups.size() == 1);
    CHECK(effects.backups[0].session == client);
    CHECK(effects.backups[0].backup == backup);
    effects.clear();
    scheduler.advance({}, effects);
    CHECK(effects.backups.empty());
}

}  // namespace penstock::broker
