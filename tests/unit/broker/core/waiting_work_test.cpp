#include "broker/core/waiting_work.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Numbers = std::vector<std::uint64_t>;
constexpr SessionId worker_a = 10;
constexpr SessionId worker_b = 11;

// Worker `a` with tasks 1..5 of 100 us in its one slot, four of which wait.
struct Line : TestBroker {
    std::vector<Lease> leases;

    Line() {
        hello(test_client);
        join(worker_a, 1, {"tiny", "other"});
        submit(test_client, "tiny", {99});
        complete(worker_a, take_leases(worker_a).at(0), 100us);
        submit(test_client, "tiny", {1, 2, 3, 4, 5});
        leases = take_leases(worker_a);
        REQUIRE(leases.size() == 5);
    }
    Numbers recalled(SessionId session) {
        Numbers numbers;
        for (const protocol::Recall& recall : take<protocol::Recall>(session)) {
            for (const Lease& lease : recall.leases) {
                numbers.push_back(number_of(lease.task));
            }
        }
        return numbers;
    }
};

}  // namespace

TEST_CASE("waiting work that does not move is called back, newest first, when others are free") {
    Line line;
    line.join(worker_b, 1, {"tiny"});
    CHECK(line.recalled(worker_a).empty());
    line.pass(10ms);
    CHECK(line.recalled(worker_a) == Numbers{5, 4, 3, 2});

    // They go to others only, until the worker moves again.
    line.give_back(worker_a, {line.leases[4], line.leases[3]});
    CHECK(line.take_leases(worker_b).size() == 2);
    CHECK(line.take_leases(worker_a).empty());
}

TEST_CASE("it is called back later also when all others are busy, to keep the order") {
    Line line;
    line.join(worker_b, 1, {"tiny"});
    const std::vector<Lease> in_b = [&] {
        line.submit(test_client, "tiny", {6});
        return line.take_leases(worker_b);
    }();
    REQUIRE(in_b.size() >= 1);
    line.pass(90ms);
    CHECK(line.recalled(worker_a).empty());
    line.pass(20ms);
    CHECK(line.recalled(worker_a) == Numbers{5, 4, 3, 2});
    line.give_back(worker_a, {line.leases[4], line.leases[3], line.leases[2], line.leases[1]});
    line.complete(worker_b, in_b[0], 100us);
    CHECK(number_of(line.take_leases(worker_b).at(0).task) == 2);
}

TEST_CASE("it stays when nobody else could ever run it") {
    Line line;
    SECTION("nobody is there") {}
    SECTION("others know other types only") {
        line.join(worker_b, 1, {"other"});
    }
    line.pass(1s);
    CHECK(line.recalled(worker_a).empty());
}

TEST_CASE("it stays while it moves") {
    Line line;
    line.join(worker_b, 1, {"tiny"});
    line.pass(9ms);
    line.complete(worker_a, line.leases[0], 100us);
    line.pass(5ms);
    CHECK(line.recalled(worker_a).empty());
    line.pass(10ms);
    CHECK_FALSE(line.recalled(worker_a).empty());
}

TEST_CASE("waiting work is still watched after a reconnect") {
    Line line;
    line.happens(SessionLost{worker_a});
    protocol::Join join = join_of(worker_a, 1, {"tiny", "other"});
    join.held = line.leases;
    line.join(worker_a + 100, join);
    line.join(worker_b, 1, {"tiny"});
    line.pass(20ms);
    CHECK_FALSE(line.recalled(worker_a + 100).empty());
}

TEST_CASE("waiting work of one class is called back though the other class moves") {
    TestBroker broker;
    broker.hello(test_client);
    protocol::Join join = join_of(worker_a, 1, {"tiny"});
    join.types.push_back({"idle", SlotClass::wait});
    join.slots[1] = 4;
    broker.join(worker_a, join);
    broker.submit(test_client, "tiny", {99});
    broker.complete(worker_a, broker.take_leases(worker_a).at(0), 100us);
    broker.submit(test_client, "tiny", {1, 2});
    broker.submit(test_client, "idle", {3, 4, 5, 6});
    const std::vector<Lease> leases = broker.take_leases(worker_a);
    REQUIRE(leases.size() == 6);
    broker.join(worker_b, 1, {"tiny"});
    broker.pass(8ms);
    broker.complete(worker_a, leases[2]);
    broker.pass(4ms);
    const auto recalls = broker.take<protocol::Recall>(worker_a);
    REQUIRE(recalls.size() == 1);
    CHECK(recalls[0].leases == std::vector{leases[1]});
}

TEST_CASE("what was called back before a connection broke is called back again") {
    Line line;
    line.join(worker_b, 1, {"tiny"});
    line.pass(10ms);
    REQUIRE(line.recalled(worker_a) == Numbers{5, 4, 3, 2});
    line.happens(SessionLost{worker_a});
    protocol::Join join = join_of(worker_a, 1, {"tiny", "other"});
    join.held = line.leases;
    line.join(worker_a + 100, join);
    line.pass(20ms);
    CHECK(line.recalled(worker_a + 100) == Numbers{5, 4, 3, 2});
}

TEST_CASE("failures tell how long a type takes until one succeeds, what was stopped does not") {
    TestBroker broker;
    broker.hello(test_client);
    broker.join(worker_a, 1, {"tiny"});
    TaskOptions once;
    once.max_attempts = 1;
    const auto fail_one = [&](std::uint64_t number, ErrorCode code, std::chrono::microseconds run) {
        broker.submit(test_client, "tiny", {number}, once);
        const Lease lease = broker.take_leases(worker_a).at(0);
        const Error error{code, "on purpose"};
        broker.from_worker(worker_a,
                           protocol::OutcomeBatch{test_epoch, {{lease, 0, run, error, {}}}});
    };
    std::size_t running = 1;
    SECTION("failed") {
        fail_one(1, ErrorCode::failed, 10us);
        running = 2;
    }
    SECTION("rejected") {
        fail_one(1, ErrorCode::rejected, 10us);
        running = 2;
    }
    SECTION("stopped") {
        fail_one(1, ErrorCode::cancelled, 10us);
    }
    SECTION("never ran") {
        fail_one(1, ErrorCode::no_handler, 10us);
    }
    SECTION("a success counts alone") {
        fail_one(1, ErrorCode::failed, 10us);
        broker.submit(test_client, "tiny", {4});
        broker.complete(worker_a, broker.take_leases(worker_a).at(0), 1s);
        for (std::uint64_t number = 5; number < 100; ++number) {
            fail_one(number, ErrorCode::failed, 10us);
        }
    }
    broker.submit(test_client, "tiny", {2, 3});
    CHECK(broker.take_leases(worker_a).size() == running);
}

}  // namespace penstock::broker
