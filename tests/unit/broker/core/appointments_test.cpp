// When a task may start, and when it is too late for it.
#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

TaskOptions delayed(std::chrono::milliseconds delay) {
    TaskOptions options;
    options.delay = delay;
    return options;
}

TaskOptions expiring(std::chrono::milliseconds expires_in) {
    TaskOptions options;
    options.expires_in = expires_in;
    return options;
}

// A client, and a worker with one slot.
struct Running : TestBroker {
    Running() {
        hello(test_client);
        join(test_worker, 1, {"sum"});
    }
};

// A client without workers.
struct Unserved : TestBroker {
    Unserved() { hello(test_client); }
};

TaskState state_of(TestBroker& broker, std::uint64_t task) {
    return broker.row(task).state;
}

}  // namespace

TEST_CASE("a delayed task is scheduled until its time has come") {
    Running broker;
    broker.submit(test_client, "sum", {1}, delayed(5s));
    CHECK(state_of(broker, 1) == TaskState::scheduled);
    CHECK(broker.row(1).run_at == broker.now().unix_ms + 5'000);
    broker.pass(4'990ms);
    CHECK(broker.take_leases(test_worker).empty());
    broker.pass(10ms);
    CHECK(broker.take_leases(test_worker).size() == 1);
}

TEST_CASE("rule 1: a task that is delayed for hours is handed out once, over losses and restarts") {
    Running former;
    former.submit(test_client, "sum", {1}, delayed(6h));
    former.pass(2h);
    former.silence(test_worker);
    former.pass(1h);
    TestBroker broker(former, 1h);
    broker.hello(test_client);
    broker.join(test_worker, 2, {"sum"});
    broker.pass(1h + 59min);
    CHECK(broker.take_leases(test_worker).empty());
    broker.pass(1min);
    const std::vector<Lease> leases = broker.take_leases(test_worker);
    REQUIRE(leases.size() == 1);
    broker.pass(12h);
    CHECK(broker.take_leases(test_worker).empty());
    broker.complete(test_worker, leases[0]);
    TestBroker next(broker, 1h);
    next.hello(test_client);
    next.join(test_worker, 2, {"sum"});
    next.pass(12h);
    CHECK(next.take_leases(test_worker).empty());
    CHECK(state_of(next, 1) == TaskState::completed);
}

TEST_CASE("a task waits for its time by the wall clock, whoever sets it") {
    Running broker;
    TaskOptions options;
    options.run_at = broker.now().unix_ms + 3'600'000;
    broker.submit(test_client, "sum", {1}, options);
    broker.set_wall_clock(-1h);
    broker.pass(1h);
    CHECK(broker.take_leases(test_worker).empty());
    broker.set_wall_clock(1h);
    broker.pass(1'100ms);
    CHECK(broker.take_leases(test_worker).size() == 1);
}

TEST_CASE("a time that is over already means now") {
    Running broker;
    TaskOptions options;
    options.run_at = broker.now().unix_ms - 1;
    broker.submit(test_client, "sum", {1}, options);
    CHECK(broker.take_leases(test_worker).size() == 1);
}

TEST_CASE("a scheduled task takes the place of its acceptance when its time has come") {
    Unserved broker;
    broker.submit(test_client, "sum", {1}, delayed(1s));
    broker.submit(test_client, "sum", {2});
    broker.pass(2s);
    broker.join(test_worker, 1, {"sum"});
    const std::vector<Lease> leases = broker.take_leases(test_worker);
    REQUIRE(leases.size() == 1);
    CHECK(number_of(leases.front().task) == 1);
}

TEST_CASE("a scheduled task can be cancelled, and does not come back") {
    Running broker;
    broker.submit(test_client, "sum", {1}, delayed(1s));
    broker.cancel(test_client, 1);
    CHECK(state_of(broker, 1) == TaskState::cancelled);
    broker.pass(2s);
    CHECK(broker.take_leases(test_worker).empty());
}

TEST_CASE("a task that nobody starts in time expires, and its waiters are told") {
    Unserved broker;
    broker.submit(test_client, "sum", {1}, expiring(5s));
    broker.pass(4'990ms);
    CHECK(state_of(broker, 1) == TaskState::queued);
    static_cast<void>(broker.take(test_client));
    broker.pass(10ms);
    const auto batches = broker.take<protocol::ResultBatch>(test_client);
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].results.at(0).state == TaskState::expired);
    CHECK(batches[0].results.at(0).error.value().code == ErrorCode::expired);
    broker.join(test_worker, 1, {"sum"});
    CHECK(broker.take_leases(test_worker).empty());
}

TEST_CASE("a task whose time is over before it may start expires") {
    Running broker;
    TaskOptions options = expiring(1s);
    options.delay = 5s;
    broker.submit(test_client, "sum", {1}, options);
    broker.pass(6s);
    CHECK(state_of(broker, 1) == TaskState::expired);
    CHECK(broker.take_leases(test_worker).empty());
}

TEST_CASE("an attempt that runs when the time is over goes on") {
    Running broker;
    broker.submit(test_client, "sum", {1}, expiring(1s));
    const std::vector<Lease> leases = broker.take_leases(test_worker);
    broker.pass(2s);
    CHECK(state_of(broker, 1) == TaskState::active);
    broker.complete(test_worker, leases.at(0));
    CHECK(state_of(broker, 1) == TaskState::completed);
}

TEST_CASE("an attempt that ends without success when the time is over is not followed by another") {
    Running broker;
    broker.submit(test_client, "sum", {1}, expiring(1s));
    const std::vector<Lease> leases = broker.take_leases(test_worker);
    broker.pass(2s);
    SECTION("it was given back") {
        broker.give_back(test_worker, leases);
    }
    SECTION("it failed") {
        broker.fail(test_worker, leases.at(0), ErrorCode::failed);
    }
    CHECK(state_of(broker, 1) == TaskState::expired);
    broker.pass(10s);
    CHECK(broker.take_leases(test_worker).empty());
}

TEST_CASE("a task whose time came by a clock that was set back expires when it comes again") {
    Running broker;
    broker.submit(test_client, "sum", {1}, expiring(10s));
    const std::vector<Lease> leases = broker.take_leases(test_worker);
    broker.set_wall_clock(1h);
    broker.pass(2s);
    broker.set_wall_clock(-1h);
    SECTION("it was given back") {
        broker.give_back(test_worker, leases);
    }
    SECTION("it failed") {
        broker.fail(test_worker, leases.at(0), ErrorCode::failed);
    }
    broker.silence(test_worker);
    CHECK(state_of(broker, 1) != TaskState::expired);
    broker.pass(30s);
    CHECK(state_of(broker, 1) == TaskState::expired);
}

TEST_CASE("a task that waits for another attempt expires, too") {
    Running broker;
    TaskOptions options = expiring(2s);
    options.backoff_base = 60s;
    broker.submit(test_client, "sum", {1}, options);
    broker.fail(test_worker, broker.take_leases(test_worker).at(0), ErrorCode::failed);
    broker.pass(1s);
    CHECK(state_of(broker, 1) == TaskState::retrying);
    broker.pass(1s);
    CHECK(state_of(broker, 1) == TaskState::expired);
}

TEST_CASE("what waits for a time goes on waiting in the next life of the broker") {
    Unserved former;
    former.submit(test_client, "sum", {1}, delayed(60s));
    former.submit(test_client, "sum", {2}, expiring(60s));
    former.submit(test_client, "sum", {3}, delayed(5s));
    former.submit(test_client, "sum", {4}, expiring(5s));
    TestBroker broker(former, 10s);
    CHECK(state_of(broker, 1) == TaskState::scheduled);
    CHECK(state_of(broker, 2) == TaskState::queued);
    CHECK(state_of(broker, 3) == TaskState::queued);
    CHECK(state_of(broker, 4) == TaskState::expired);
    broker.pass(50s);
    CHECK(state_of(broker, 1) == TaskState::queued);
    CHECK(state_of(broker, 2) == TaskState::expired);
    TestBroker next(broker, 1s);
    CHECK(state_of(next, 2) == TaskState::expired);
}

TEST_CASE("a restart does not make the wait for another attempt longer") {
    Running former;
    TaskOptions options;
    options.backoff_base = 100s;
    former.submit(test_client, "sum", {1}, options);
    former.fail(test_worker, former.take_leases(test_worker).at(0), ErrorCode::failed);
    const std::int64_t run_at = former.row(1).run_at;
    TestBroker broker(former, 40s);
    CHECK(broker.row(1).run_at == run_at);
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    broker.pass(std::chrono::milliseconds(run_at - broker.now().unix_ms - 10));
    CHECK(broker.take_leases(test_worker).empty());
    broker.pass(10ms);
    CHECK(broker.take_leases(test_worker).size() == 1);
}

}  // namespace penstock::broker
