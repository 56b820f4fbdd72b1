#include "broker/core/waiting_work.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Numbers = std::vector<std::uint64_t>;
constexpr SessionId client = 1;
constexpr SessionId a = 10;
constexpr SessionId b = 11;

// Worker `a` with tasks 1..5 of 100 us in its one slot, four of which wait.
struct Line : TestBroker {
    std::vector<Lease> leases;

    Line() {
        hello(client);
        join(a, 1, {"tiny", "other"});
        submit(client, "tiny", {99});
        complete(a, take_leases(a).at(0), 100us);
        submit(client, "tiny", {1, 2, 3, 4, 5});
        leases = take_leases(a);
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
    line.join(b, 1, {"tiny"});
    CHECK(line.recalled(a).empty());
    line.pass(10ms);
    CHECK(line.recalled(a) == Numbers{5, 4, 3, 2});

    // They go to others only, until the worker moves again.
    line.give_back(a, {line.leases[4], line.leases[3]});
    CHECK(line.take_leases(b).size() == 2);
    CHECK(line.take_leases(a).empty());
}

TEST_CASE("it is called back later also when all others are busy, to keep the order") {
    Line line;
    line.join(b, 1, {"tiny"});
    const std::vector<Lease> in_b = [&] {
        line.submit(client, "tiny", {6});
        return line.take_leases(b);
    }();
    REQUIRE(in_b.size() >= 1);
    line.pass(90ms);
    CHECK(line.recalled(a).empty());
    line.pass(20ms);
    CHECK(line.recalled(a) == Numbers{5, 4, 3, 2});
    line.give_back(a, {line.leases[4], line.leases[3], line.leases[2], line.leases[1]});
    line.complete(b, in_b[0], 100us);
    CHECK(number_of(line.take_leases(b).at(0).task) == 2);
}

TEST_CASE("it stays when nobody else could ever run it") {
    Line line;
    SECTION("nobody is there") {}
    SECTION("others know other types only") {
        line.join(b, 1, {"other"});
    }
    line.pass(1s);
    CHECK(line.recalled(a).empty());
}

TEST_CASE("it stays while it moves") {
    Line line;
    line.join(b, 1, {"tiny"});
    line.pass(9ms);
    line.complete(a, line.leases[0], 100us);
    line.pass(5ms);
    CHECK(line.recalled(a).empty());
    line.pass(10ms);
    CHECK_FALSE(line.recalled(a).empty());
}

TEST_CASE("waiting work is still watched after a reconnect") {
    Line line;
    line.happens(SessionLost{a});
    protocol::Join join = join_of(a, 1, {"tiny", "other"});
    join.held = line.leases;
    line.join(a + 100, join);
    line.join(b, 1, {"tiny"});
    line.pass(20ms);
    CHECK_FALSE(line.recalled(a + 100).empty());
}

TEST_CASE("waiting work of one class is called back though the other class moves") {
    TestBroker broker;
    broker.hello(client);
    protocol::Join join = join_of(a, 1, {"tiny"});
    join.types.push_back({"idle", SlotClass::wait});
    join.slots[1] = 4;
    broker.join(a, join);
    broker.submit(client, "tiny", {99});
    broker.complete(a, broker.take_leases(a).at(0), 100us);
    broker.submit(client, "tiny", {1, 2});
    broker.submit(client, "idle", {3, 4, 5, 6});
    const std::vector<Lease> leases = broker.take_leases(a);
    REQUIRE(leases.size() == 6);
    broker.join(b, 1, {"tiny"});
    broker.pass(8ms);
    broker.complete(a, leases[2]);
    broker.pass(4ms);
    const auto recalls = broker.take<protocol::Recall>(a);
    REQUIRE(recalls.size() == 1);
    CHECK(recalls[0].leases == std::vector{leases[1]});
}

TEST_CASE("what was called back before a connection broke is called back again") {
    Line line;
    line.join(b, 1, {"tiny"});
    line.pass(10ms);
    REQUIRE(line.recalled(a) == Numbers{5, 4, 3, 2});
    line.happens(SessionLost{a});
    protocol::Join join = join_of(a, 1, {"tiny", "other"});
    join.held = line.leases;
    line.join(a + 100, join);
    line.pass(20ms);
    CHECK(line.recalled(a + 100) == Numbers{5, 4, 3, 2});
}

}  // namespace penstock::broker
