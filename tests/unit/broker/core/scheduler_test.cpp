#include "broker/core/scheduler.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

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
    broker.hello(test_client);
    broker.reporter(test_reporter);
    broker.join(test_worker, 1, {"sum"});
    for (const SessionId session : {test_client, test_reporter, test_worker}) {
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
        broker.submit(test_client, "sum", {1});
        CHECK(only_refusal(broker, test_client) == ErrorCode::no_session);
        CHECK(broker.ended(test_client));
    }
    SECTION("a worker") {
        broker.from_worker(test_worker, protocol::Heartbeat{});
        CHECK(only_refusal(broker, test_worker) == ErrorCode::no_session);
        CHECK(broker.ended(test_worker));
    }
    CHECK(broker.broker().open_tasks == 0);
}

TEST_CASE("a message on the wrong port is refused, and the session goes on") {
    TestBroker broker;
    broker.hello(test_client);
    broker.reporter(test_reporter);
    broker.join(test_worker, 1, {"sum"});
    for (const SessionId session : {test_client, test_reporter, test_worker}) {
        static_cast<void>(broker.take(session));
    }
    broker.from_producer(test_client, join_of(5, 1, {"sum"}));
    CHECK(only_refusal(broker, test_client) == ErrorCode::malformed);
    broker.from_worker(test_worker, protocol::Submit{"sum", "default", {}, {{task_id(1), {}}}});
    CHECK(only_refusal(broker, test_worker) == ErrorCode::malformed);
    broker.from_worker(test_reporter, protocol::OutcomeBatch{});
    CHECK(only_refusal(broker, test_reporter) == ErrorCode::malformed);
    broker.bury(test_worker, test_worker, {});  // only a reporter may
    CHECK(only_refusal(broker, test_worker) == ErrorCode::malformed);
    CHECK(broker.broker().workers == 1);
    CHECK(broker.broker().open_tasks == 0);
    CHECK_FALSE(broker.ended(test_client));
    CHECK_FALSE(broker.ended(test_worker));
}

TEST_CASE("what is no message is refused with its reason, a session goes on") {
    TestBroker broker;
    const auto code = GENERATE(ErrorCode::malformed, ErrorCode::version, ErrorCode::too_large);
    broker.hello(test_client);
    static_cast<void>(broker.take(test_client));
    broker.happens(BadMessage{test_client, {code, "why"}});
    CHECK(only_refusal(broker, test_client) == code);
    CHECK_FALSE(broker.ended(test_client));
    broker.happens(BadMessage{77, {code, "why"}});
    CHECK(only_refusal(broker, 77) == code);
    CHECK(broker.ended(77));
}

TEST_CASE("who speaks too early and then greets in the same turn has a session") {
    TestBroker broker;
    Effects effects;
    Scheduler scheduler(Settings{}, 1, broker.now());
    scheduler.begin(test_epoch, 0, broker.now());
    scheduler.handle(FrontendMessage{test_client, protocol::Heartbeat{}}, broker.now());
    scheduler.handle(FrontendMessage{test_client, protocol::Hello{}}, broker.now());
    scheduler.handle(BackendMessage{test_worker, protocol::Heartbeat{}}, broker.now());
    scheduler.handle(BackendMessage{test_worker, join_of(1, 1, {"sum"})}, broker.now());
    scheduler.advance(broker.now(), effects);
    CHECK(effects.ended.empty());
}

TEST_CASE("a heartbeat is answered, so that the peer hears of the broker") {
    TestBroker broker;
    Effects effects;
    Scheduler scheduler(Settings{}, 1, broker.now());
    scheduler.begin(test_epoch, 0, broker.now());
    scheduler.handle(FrontendMessage{test_client, protocol::Hello{}}, broker.now());
    scheduler.handle(FrontendMessage{test_client, protocol::Heartbeat{}}, broker.now());
    scheduler.advance(broker.now(), effects);
    REQUIRE(effects.sends.size() == 2);
    CHECK(std::holds_alternative<protocol::Heartbeat>(effects.sends[1].message));
}

TEST_CASE("silence ends a producer's session, its tasks go on") {
    TestBroker broker;
    broker.hello(test_client);
    broker.submit(test_client, "sum", {1});
    broker.silence(test_client);
    broker.pass(5s);
    CHECK_FALSE(broker.ended(test_client));
    broker.pass(2s);
    CHECK(broker.ended(test_client));
    CHECK(broker.row(1).state == TaskState::queued);
}

TEST_CASE("who speaks is not silent") {
    TestBroker broker;
    broker.hello(test_client);
    broker.reporter(test_reporter);
    broker.join(test_worker, 1, {"sum"});
    broker.pass(60s);
    CHECK_FALSE(broker.ended(test_client));
    CHECK_FALSE(broker.ended(test_reporter));
    CHECK_FALSE(broker.ended(test_worker));
}

TEST_CASE("a broker that stood still itself listens before it calls anybody silent") {
    TestBroker broker;
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    broker.submit(test_client, "sum", {1});
    broker.stand_still(60s);
    CHECK_FALSE(broker.ended(test_worker));
    CHECK(broker.row(1).state == TaskState::active);
    broker.pass(30s);
    CHECK_FALSE(broker.ended(test_worker));

    broker.stand_still(60s);
    broker.silence(test_worker);
    broker.pass(5s);
    CHECK_FALSE(broker.ended(test_worker));
    broker.pass(2s);
    CHECK(broker.ended(test_worker));
}

TEST_CASE("goodbye ends a session at once") {
    TestBroker broker;
    broker.hello(test_client);
    broker.reporter(test_reporter);
    broker.from_producer(test_client, protocol::Goodbye{});
    broker.from_worker(test_reporter, protocol::Goodbye{});
    CHECK(broker.ended(test_client));
    CHECK(broker.ended(test_reporter));
}

TEST_CASE("a lost session of a producer is forgotten, its tasks go on") {
    TestBroker broker;
    broker.hello(test_client);
    broker.submit(test_client, "sum", {1});
    broker.happens(SessionLost{test_client});
    CHECK(broker.ended(test_client));
    CHECK(broker.row(1).state == TaskState::queued);
    broker.happens(SessionLost{4711});
}

TEST_CASE("the same events and seed give the same effects") {
    const auto nonces = [](std::uint64_t seed) {
        const Instant now{TimePoint{1h}, 0};
        Scheduler scheduler(Settings{}, seed, now);
        scheduler.begin(test_epoch, 0, now);
        scheduler.handle(BackendMessage{test_worker, join_of(1, 4, {"sum"})}, now);
        scheduler.handle(FrontendMessage{test_client, protocol::Hello{}}, now);
        protocol::Submit submit{"sum", "default", {}, {}};
        for (std::uint64_t n = 1; n <= 4; ++n) {
            submit.tasks.push_back({task_id(n), {}});
        }
        scheduler.handle(FrontendMessage{test_client, submit}, now);
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
    broker.from_producer(test_client, join_of(5, 1, {"sum"}));
    CHECK(only_refusal(broker, test_client) == ErrorCode::malformed);
    CHECK(broker.ended(test_client));
    broker.from_worker(test_worker, protocol::Submit{"sum", "default", {}, {{task_id(1), {}}}});
    CHECK(only_refusal(broker, test_worker) == ErrorCode::malformed);
    CHECK(broker.ended(test_worker));
}

TEST_CASE("BACKUP is for who has the files to answer, within a session only") {
    Scheduler scheduler({}, 1, {});
    scheduler.begin(test_epoch, 0, {});
    Effects effects;
    const protocol::Backup backup{5, {"journal/x", 7}};
    scheduler.handle(FrontendMessage{test_client, backup}, {});
    scheduler.advance({}, effects);
    CHECK(effects.backups.empty());
    scheduler.handle(FrontendMessage{test_client, protocol::Hello{"copying"}}, {});
    scheduler.handle(FrontendMessage{test_client, backup}, {});
    scheduler.handle(BackendMessage{test_client, backup}, {});
    scheduler.advance({}, effects);
    REQUIRE(effects.backups.size() == 1);
    CHECK(effects.backups[0].session == test_client);
    CHECK(effects.backups[0].backup == backup);
    effects.clear();
    scheduler.advance({}, effects);
    CHECK(effects.backups.empty());
}

}  // namespace penstock::broker
