// What a receipt promises: at level disk nothing leaves before the sync, at level memory nothing
// waits for one.
#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

TaskOptions at(Durability level) {
    TaskOptions options;
    options.durability = level;
    return options;
}

// A client, and a worker with one slot.
struct OneWorker : TestBroker {
    explicit OneWorker(const Settings& settings = {}) : TestBroker(settings) {
        hello(test_client);
        join(test_worker, 1, {"sum"});
        static_cast<void>(take(test_client));
    }
};

bool is_known(TestBroker& broker, std::uint64_t task) {
    protocol::Query query;
    query.what = protocol::QueryKind::task;
    query.id = task_id(task);
    return !std::get<std::vector<protocol::TaskRow>>(broker.ask(query).rows).empty();
}

}  // namespace

TEST_CASE("a task at level memory is accepted and ends without a record, and without a sync") {
    OneWorker broker;
    broker.hold_journal();
    broker.submit(test_client, "sum", {1}, at(Durability::memory));
    const auto receipts = broker.take<protocol::Receipt>(test_client);
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].durability == Durability::memory);
    broker.complete(test_worker, broker.take_leases(test_worker).at(0));
    CHECK(broker.take<protocol::ResultBatch>(test_client).size() == 1);
    CHECK(broker.take<protocol::Settled>(test_worker).size() == 1);
    CHECK(broker.records().empty());
}

TEST_CASE("a message's tasks at level disk do not hold up those at level memory") {
    OneWorker broker;
    broker.hold_journal();
    broker.submit(test_client, "sum", {1}, at(Durability::disk));
    broker.submit(test_client, "sum", {2}, at(Durability::memory));
    const auto early = broker.take<protocol::Receipt>(test_client);
    REQUIRE(early.size() == 1);
    CHECK(early[0].ids == task_ids({2}));
    broker.sync();
    const auto late = broker.take<protocol::Receipt>(test_client);
    REQUIRE(late.size() == 1);
    CHECK(late[0].ids == task_ids({1}));
    CHECK(late[0].durability == Durability::disk);
}

TEST_CASE("the next life of the broker knows the tasks at level disk only") {
    OneWorker former;
    former.submit(test_client, "sum", {1}, at(Durability::disk));
    former.submit(test_client, "sum", {2}, at(Durability::memory));
    TestBroker broker(former, 1s);
    CHECK(is_known(broker, 1));
    CHECK_FALSE(is_known(broker, 2));
}

TEST_CASE("a task that is submitted again at a higher level has it from then on") {
    OneWorker broker;
    broker.submit(test_client, "sum", {1, 2}, at(Durability::memory));
    broker.complete(test_worker, broker.take_leases(test_worker).at(0));
    static_cast<void>(broker.take(test_client));
    broker.hold_journal();
    broker.submit(test_client, "sum", {1, 2}, at(Durability::disk));
    CHECK(broker.take(test_client).empty());
    broker.sync();
    const auto receipts = broker.take<protocol::Receipt>(test_client);
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].durability == Durability::disk);
    TestBroker next(broker, 1s);
    CHECK(next.row(1).state == TaskState::completed);
    CHECK(next.row(2).state == TaskState::queued);
}

TEST_CASE("a task that is submitted again at a lower level keeps the one that it has") {
    OneWorker broker;
    broker.submit(test_client, "sum", {1}, at(Durability::disk));
    static_cast<void>(broker.take(test_client));
    broker.submit(test_client, "sum", {1}, at(Durability::memory));
    CHECK(broker.take<protocol::Receipt>(test_client).at(0).durability == Durability::disk);
}

TEST_CASE("a broker without a disk refuses tasks that ask for one") {
    Settings settings;
    settings.durability = Durability::memory;
    OneWorker broker(settings);
    broker.submit(test_client, "sum", {1}, at(Durability::disk));
    const auto refusals = broker.take<protocol::Refusal>(test_client);
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].error.code == ErrorCode::durability);
}

TEST_CASE("nobody is told of an end that a crash could take back") {
    OneWorker broker;
    broker.submit(test_client, "sum", {1});
    broker.hold_journal();
    broker.complete(test_worker, broker.take_leases(test_worker).at(0));
    static_cast<void>(broker.take(test_client));
    SECTION("by an answer") {
        protocol::Query query;
        query.what = protocol::QueryKind::tasks;
        query.limit = 10;
        broker.from_producer(test_client, query);
    }
    SECTION("by a refusal to cancel it") {
        broker.cancel(test_client, 1);
    }
    CHECK(broker.take(test_client).empty());
    broker.sync();
    CHECK(broker.take(test_client).size() == 2);  // the result, too
}

TEST_CASE("while the last room on the disk is in use, no task is given out, and then it is") {
    OneWorker broker;
    broker.happens(DiskReport{.reserve_used = true});
    broker.submit(test_client, "sum", {1});
    CHECK(broker.take_leases(test_worker).empty());
    broker.happens(DiskReport{});
    CHECK(broker.take_leases(test_worker).size() == 1);
}

TEST_CASE("a disk that is nearly full refuses new tasks, and only those that need it") {
    OneWorker broker;
    broker.submit(test_client, "sum", {1});
    broker.happens(DiskReport{.nearly_full = true});
    static_cast<void>(broker.take(test_client));
    broker.submit(test_client, "sum", {2});
    const auto refusals = broker.take<protocol::Refusal>(test_client);
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].error.code == ErrorCode::disk_full);
    broker.submit(test_client, "sum", {1});
    CHECK(broker.take<protocol::Receipt>(test_client).size() == 1);
    broker.submit(test_client, "sum", {3}, at(Durability::memory));
    CHECK(broker.take<protocol::Receipt>(test_client).size() == 1);
    broker.complete(test_worker, broker.take_leases(test_worker).at(0));
    CHECK(broker.take<protocol::ResultBatch>(test_client).size() == 1);
    broker.happens(DiskReport{});
    broker.submit(test_client, "sum", {2});
    CHECK(broker.take<protocol::Receipt>(test_client).size() == 1);
}

}  // namespace penstock::broker
