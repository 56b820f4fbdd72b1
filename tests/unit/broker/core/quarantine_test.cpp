#include "broker/core/quarantine.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using protocol::Fate;
using Numbers = std::vector<std::uint64_t>;
constexpr SessionId a = 11;
constexpr SessionId b = 12;
constexpr SessionId c = 13;

struct Ward : TestBroker {
    Ward() {
        hello(test_client);
        TestBroker::reporter(test_reporter);
    }
    // These tasks become suspects: they run beside each other in a process that dies. Requires:
    // no slot is free elsewhere.
    void suspects(const Numbers& tasks, const TaskOptions& options = {},
                  const std::string& type = "sum") {
        const SessionId dying = ++last_dying_;
        join(dying, static_cast<std::uint32_t>(tasks.size()), {type});
        submit(test_client, type, tasks, options);
        std::vector<protocol::StartedLease> started;
        for (const Lease& lease : take_leases(dying)) {
            started.push_back({lease, Fate::running});
        }
        REQUIRE(started.size() == tasks.size());
        bury(test_reporter, dying, started);
    }
    // The worker joins and is busy with these tasks in all its slots.
    std::vector<Lease> busy(SessionId worker, const Numbers& tasks) {
        join(worker, static_cast<std::uint32_t>(tasks.size()), {"sum"});
        submit(test_client, "sum", tasks);
        REQUIRE(given(worker) == tasks);
        return last_;
    }
    Numbers given(SessionId session) {
        last_ = take_leases(session);
        Numbers numbers;
        for (const Lease& lease : last_) {
            numbers.push_back(number_of(lease.task));
        }
        return numbers;
    }
    // The leases behind the last given().
    [[nodiscard]] const std::vector<Lease>& leases() const { return last_; }

  private:
    std::vector<Lease> last_;
    SessionId last_dying_ = 100;
};

}  // namespace

TEST_CASE("a suspect runs alone: its process gets nothing else until it has ended") {
    Ward ward;
    ward.suspects({1});
    ward.submit(test_client, "sum", {2, 3});
    ward.join(a, 4, {"sum"});
    CHECK(ward.given(a) == Numbers{1});
    ward.complete(a, ward.leases()[0]);
    CHECK(ward.row(1).state == TaskState::completed);
    CHECK(ward.given(a) == Numbers{2, 3});
}

TEST_CASE("a task that kills its process twice while alone is poison") {
    Ward ward;
    ward.suspects({1});
    ward.join(a, 1, {"sum"});
    REQUIRE(ward.given(a) == Numbers{1});
    ward.bury(test_reporter, a, {{ward.leases()[0], Fate::running}});
    CHECK(ward.row(1).state == TaskState::retrying);
    CHECK(ward.row(1).error->code == ErrorCode::crashed);

    ward.pass(5s);
    ward.join(b, 4, {"sum"});
    ward.submit(test_client, "sum", {2});
    REQUIRE(ward.given(b) == Numbers{1});
    ward.bury(test_reporter, b, {{ward.leases()[0], Fate::running}});
    const protocol::TaskRow row = ward.row(1);
    CHECK(row.state == TaskState::dead);
    CHECK(row.dead_reason == DeadReason::poison);
    CHECK(row.error->code == ErrorCode::crashed);
    CHECK(row.error->message.find("signal 9") != std::string::npos);
}

TEST_CASE("a task that was to be cancelled is cancelled, though its end makes it poison") {
    Ward ward;
    ward.suspects({1});
    ward.join(a, 1, {"sum"});
    REQUIRE(ward.given(a) == Numbers{1});
    ward.bury(test_reporter, a, {{ward.leases()[0], Fate::running}});
    ward.pass(5s);
    ward.join(b, 1, {"sum"});
    REQUIRE(ward.given(b) == Numbers{1});
    ward.cancel(test_client, 1);
    ward.bury(test_reporter, b, {{ward.leases()[0], Fate::running}});
    CHECK(ward.row(1).state == TaskState::cancelled);
}

TEST_CASE("rule 11: neighbours of poison complete uncharged") {
    Ward ward;
    TaskOptions once;
    once.max_attempts = 1;
    ward.suspects({1, 2, 3}, once);
    ward.join(a, 4, {"sum"});
    for (const std::uint64_t task : {1U, 2U, 3U}) {
        CHECK(ward.given(a) == Numbers{task});
        ward.complete(a, ward.leases()[0]);
        CHECK(ward.row(task).state == TaskState::completed);
    }
}

TEST_CASE("a suspect that fails like any other task is none any more") {
    Ward ward;
    ward.suspects({1});
    ward.join(a, 2, {"sum"});
    REQUIRE(ward.given(a) == Numbers{1});
    ward.fail(a, ward.leases()[0], ErrorCode::failed);
    ward.submit(test_client, "sum", {2});
    REQUIRE(ward.given(a) == Numbers{2});
    ward.pass(5s);
    CHECK(ward.given(a) == Numbers{1});
}

TEST_CASE("a suspect waits for a busy worker to become idle, which gets nothing new") {
    Ward ward;
    const std::vector<Lease> before = ward.busy(a, {7, 8});
    ward.suspects({1});
    ward.submit(test_client, "sum", {9});
    ward.complete(a, before[0]);
    CHECK(ward.given(a).empty());
    ward.complete(a, before[1]);
    CHECK(ward.given(a) == Numbers{1});
    ward.complete(a, ward.leases()[0]);
    CHECK(ward.given(a) == Numbers{9});
}

TEST_CASE("one suspect keeps one worker back, not half of them") {
    Ward ward;
    std::vector<std::vector<Lease>> before;
    for (const SessionId worker : {a, b, c, c + 1}) {
        before.push_back(ward.busy(worker, {2 * worker, 2 * worker + 1}));
    }
    ward.suspects({1});
    ward.pass(2s);
    ward.submit(test_client, "sum", {2, 3, 4, 5});
    std::size_t served = 0;
    for (const SessionId worker : {a, b, c, c + 1}) {
        ward.complete(worker, before[worker - a][0]);
        served += ward.given(worker).size();
    }
    CHECK(served == 3);
}

TEST_CASE("a worker without slots of its class is no place for a suspect") {
    Ward ward;
    ward.suspects({1});
    ward.join(a, 0, {"sum"});
    CHECK(ward.given(a).empty());
    ward.join(b, 1, {"sum"});
    CHECK(ward.given(b) == Numbers{1});
}

TEST_CASE("a suspect takes whoever becomes idle first, and frees the one that was kept") {
    Ward ward;
    const Lease in_a = ward.busy(a, {7})[0];
    const Lease in_b = ward.busy(b, {8})[0];
    ward.suspects({1});
    ward.complete(b, in_b);
    CHECK(ward.given(b) == Numbers{1});
    ward.complete(a, in_a);
    ward.submit(test_client, "sum", {9});
    CHECK(ward.given(a) == Numbers{9});
}

TEST_CASE("a worker is freed when the suspect that it was kept for is cancelled") {
    Ward ward;
    const std::vector<Lease> before = ward.busy(a, {7, 8});
    ward.suspects({1});
    ward.submit(test_client, "sum", {9});
    ward.complete(a, before[0]);
    REQUIRE(ward.given(a).empty());
    ward.cancel(test_client, 1);
    CHECK(ward.given(a) == Numbers{9});
}

TEST_CASE("a suspect that nobody can run does not keep others from work") {
    Ward ward;
    ward.suspects({1}, {}, "sum");
    ward.suspects({2}, {}, "lcg");
    ward.join(a, 1, {"lcg"});
    CHECK(ward.given(a) == Numbers{2});
    ward.complete(a, ward.leases()[0]);
    ward.submit(test_client, "lcg", {3});
    CHECK(ward.given(a) == Numbers{3});
    CHECK(ward.row(1).state == TaskState::queued);
}

TEST_CASE("a suspect does not wait for a worker that is out of reach or drains") {
    Ward ward;
    const Lease in_a = ward.busy(a, {7})[0];
    ward.suspects({1});
    SECTION("out of reach") {
        ward.happens(SessionLost{a});
    }
    SECTION("draining") {
        ward.from_worker(a, protocol::Drain{});
        ward.complete(a, in_a);
    }
    CHECK(ward.given(a).empty());
    ward.join(b, 1, {"sum"});
    CHECK(ward.given(b) == Numbers{1});
}

TEST_CASE("at most half of the workers serve suspects") {
    Ward ward;
    ward.suspects({1, 2, 3, 4});
    for (const SessionId worker : {a, b, c, c + 1}) {
        ward.join(worker, 1, {"sum"});
    }
    ward.submit(test_client, "sum", {5, 6});
    std::size_t serving = 0;
    std::size_t others = 0;
    for (const SessionId worker : {a, b, c, c + 1}) {
        for (const std::uint64_t task : ward.given(worker)) {
            (task <= 4 ? serving : others) += 1;
        }
    }
    CHECK(serving == 2);
    CHECK(others == 2);
}

}  // namespace penstock::broker
