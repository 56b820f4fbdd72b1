#include "broker/core/dispatcher.hpp"

#include <numeric>
#include <set>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Numbers = std::vector<std::uint64_t>;

struct Floor : TestBroker {
    Floor() { hello(test_client); }

    void submit_to(const std::string& queue, const std::string& type, const Numbers& tasks) {
        protocol::Submit message{type, queue, {}, {}};
        for (const std::uint64_t task : tasks) {
            message.tasks.push_back({task_id(task), {}});
        }
        from_producer(test_client, std::move(message));
    }
    // The tasks that a worker with one slot gets, one after the other.
    Numbers order(std::size_t count) {
        Numbers numbers;
        while (numbers.size() < count) {
            const std::vector<Lease> leases = take_leases(test_worker);
            if (leases.size() != 1) {
                return numbers;
            }
            numbers.push_back(number_of(leases[0].task));
            complete(test_worker, leases[0]);
        }
        return numbers;
    }
};

}  // namespace

TEST_CASE("tasks run in the order in which they were accepted, over queues and types") {
    Floor floor;
    floor.submit_to("default", "sum", {1});
    floor.submit_to("night", "sum", {2});
    floor.submit_to("default", "lcg", {3});
    floor.submit_to("default", "sum", {4});
    floor.submit_to("night", "lcg", {5});
    floor.join(test_worker, 1, {"sum", "lcg"});
    CHECK(floor.order(5) == Numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a type that nobody can run now holds up no other") {
    Floor floor;
    floor.submit_to("default", "rare", {1});
    floor.submit_to("default", "sum", {2});
    floor.join(test_worker, 1, {"sum"});
    CHECK(floor.order(1) == Numbers{2});
    CHECK(floor.row(1).state == TaskState::queued);
}

TEST_CASE("as many tasks run as there are slots") {
    Floor floor;
    floor.submit_to("default", "sum", {1, 2, 3, 4});
    floor.join(test_worker, 3, {"sum"});
    CHECK(floor.take_leases(test_worker).size() == 3);
    CHECK(floor.queue().counts[1] == 1);
    CHECK(floor.queue().counts[2] == 3);
}

TEST_CASE("a type that nobody has ever offered ends as no_handler, after a grace") {
    Floor floor;
    floor.join(test_worker, 1, {"sum"});
    floor.submit_to("default", "rare", {1});
    floor.pass(4s);
    CHECK(floor.row(1).state == TaskState::queued);
    floor.pass(4s);
    CHECK(floor.row(1).state == TaskState::dead);
    CHECK(floor.row(1).dead_reason == DeadReason::no_handler);
    CHECK(floor.row(1).error->message.find("rare") != std::string::npos);
}

TEST_CASE("many tasks that nobody can run end over several turns") {
    Floor floor;
    floor.join(test_worker, 1, {"sum"});
    Numbers many(25'000);
    std::iota(many.begin(), many.end(), 1);
    floor.submit_to("default", "rare", many);
    floor.pass(5s);
    const auto dead = [&] { return floor.queue().counts[static_cast<int>(TaskState::dead) - 1]; };
    std::set<std::uint64_t> seen;
    for (int turn = 0; turn < 2'000 && dead() < many.size(); ++turn) {
        floor.pass(1ms);
        seen.insert(dead());
    }
    CHECK(dead() == many.size());
    CHECK(seen.contains(10'000));
    CHECK(seen.contains(20'000));
}

TEST_CASE("while there are no workers at all, tasks wait for them") {
    Floor floor;
    floor.submit_to("default", "rare", {1});
    floor.pass(1h);
    CHECK(floor.row(1).state == TaskState::queued);
    SECTION("and the grace begins when the first one comes") {
        floor.join(test_worker, 1, {"sum"});
        floor.pass(4s);
        CHECK(floor.row(1).state == TaskState::queued);
        floor.pass(4s);
        CHECK(floor.row(1).state == TaskState::dead);
    }
    SECTION("and run when one comes that knows the type") {
        floor.join(test_worker, 1, {"rare"});
        CHECK(floor.order(1) == Numbers{1});
    }
    SECTION("and the grace begins anew after the last one went") {
        floor.join(test_worker, 1, {"sum"});
        floor.pass(4s);
        floor.from_worker(test_worker, protocol::Goodbye{});
        floor.pass(10s);
        floor.join(test_worker + 1, 1, {"sum"});
        floor.pass(4s);
        CHECK(floor.row(1).state == TaskState::queued);
    }
}

TEST_CASE("each task of an unknown type has the whole grace") {
    Floor floor;
    floor.join(test_worker, 1, {"sum"});
    floor.submit_to("default", "rare", {1});
    floor.pass(4s);
    floor.submit_to("default", "rare", {2});
    floor.pass(3s);
    CHECK(floor.row(1).state == TaskState::dead);
    CHECK(floor.row(2).state == TaskState::queued);
    floor.cancel(test_client, 2);
    floor.pass(60s);
    floor.submit_to("default", "rare", {3});
    floor.pass(4s);
    CHECK(floor.row(3).state == TaskState::queued);
    floor.pass(4s);
    CHECK(floor.row(3).state == TaskState::dead);
}

TEST_CASE("a type that somebody once offered waits for the next who does") {
    Floor floor;
    floor.join(test_worker, 1, {"rare"});
    floor.from_worker(test_worker, protocol::Goodbye{});
    floor.join(test_worker + 1, 1, {"sum"});
    floor.submit_to("default", "rare", {1});
    floor.pass(1h);
    CHECK(floor.row(1).state == TaskState::queued);
}

TEST_CASE("setting the wall clock ends no grace") {
    Floor floor;
    floor.submit_to("default", "rare", {1});
    floor.join(test_worker, 1, {"sum"});
    floor.pass(6s);
    REQUIRE(floor.row(1).state == TaskState::dead);
    floor.submit_to("default", "rare", {2});
    floor.set_wall_clock(1h);
    floor.pass(3s);
    CHECK(floor.row(2).state == TaskState::queued);
    floor.set_wall_clock(-24h);
    floor.pass(4s);
    CHECK(floor.row(2).state == TaskState::dead);
}

}  // namespace penstock::broker
