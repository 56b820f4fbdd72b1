#include "broker/core/producer_desk.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Numbers = std::vector<std::uint64_t>;
constexpr SessionId other = 2;

struct ProducerPeers : TestBroker {
    explicit ProducerPeers(const Settings& settings = {}) : TestBroker(settings) {
        hello(test_client);
        hello(other);
        forget_all();
    }
    void forget_all() {
        for (const SessionId session : {test_client, other, test_worker}) {
            static_cast<void>(take(session));
        }
    }
    void submit_to(const std::string& queue, const Numbers& tasks) {
        protocol::Submit message{"sum", queue, {}, {}};
        for (const std::uint64_t task : tasks) {
            message.tasks.push_back({task_id(task), {}});
        }
        from_producer(test_client, std::move(message));
    }
    void submit_bytes(std::uint64_t task, std::size_t bytes, const std::string& queue = "default") {
        protocol::Submit message{"sum", queue, {}, {}};
        message.tasks.push_back(
            {task_id(task), {{}, SharedBytes::copy_of(std::string(bytes, 'x'))}});
        from_producer(test_client, std::move(message));
    }
    Numbers receipts(SessionId session) {
        Numbers numbers;
        for (const protocol::Receipt& receipt : take<protocol::Receipt>(session)) {
            for (const TaskId& id : receipt.ids) {
                numbers.push_back(number_of(id));
            }
        }
        return numbers;
    }
    Numbers results(SessionId session) {
        Numbers numbers;
        for (const protocol::ResultBatch& batch : take<protocol::ResultBatch>(session)) {
            for (const TaskResult& result : batch.results) {
                numbers.push_back(number_of(result.id));
            }
        }
        return numbers;
    }
    protocol::Refusal refusal(SessionId session) {
        const auto refusals = take<protocol::Refusal>(session);
        REQUIRE(refusals.size() == 1);
        return refusals[0];
    }
};

}  // namespace

TEST_CASE("a task is accepted, queued and confirmed") {
    ProducerPeers desk;
    desk.submit(test_client, "sum", {1, 2});
    CHECK(desk.receipts(test_client) == Numbers{1, 2});
    CHECK(desk.row(1).state == TaskState::queued);
    CHECK(desk.queue().counts[1] == 2);
    CHECK(desk.records() == std::vector<std::size_t>{0, 0});
}

TEST_CASE("an await that repeats an id is answered once") {
    ProducerPeers desk;
    desk.submit(test_client, "sum", {1});
    desk.cancel(test_client, 1);
    desk.forget_all();
    desk.from_producer(test_client, protocol::Await{{task_id(1), task_id(1), task_id(1)}});
    CHECK(desk.results(test_client) == Numbers{1});
}

TEST_CASE("so many sessions may wait for one task, and no more") {
    Settings settings;
    settings.waiters_max = 1;
    ProducerPeers desk(settings);
    desk.submit(test_client, "sum", {1});
    constexpr SessionId third = 9;
    desk.hello(third);
    static_cast<void>(desk.take(third));
    desk.from_producer(other, protocol::Await{{task_id(1)}});
    desk.from_producer(third, protocol::Await{{task_id(1)}});
    CHECK(desk.take(other).empty());
    const protocol::Refusal refusal = desk.refusal(third);
    CHECK(refusal.error.code == ErrorCode::busy);
    CHECK(refusal.retry_after > 0ms);
}

TEST_CASE("options that were left open become the broker's defaults") {
    ProducerPeers desk;
    desk.submit(test_client, "sum", {1});
    CHECK(desk.row(1).max_attempts == 5);
    TaskOptions options;
    options.max_attempts = 2;
    desk.submit(test_client, "sum", {2}, options);
    CHECK(desk.row(2).max_attempts == 2);
}

TEST_CASE("submitting an id again confirms it again and runs it once") {
    ProducerPeers desk;
    desk.submit(test_client, "sum", {1});
    desk.submit(test_client, "sum", {1, 2});
    desk.submit(other, "another.type", {1});
    CHECK(desk.receipts(test_client) == Numbers{1, 1, 2});
    CHECK(desk.receipts(other) == Numbers{1});
    CHECK(desk.queue().counts[1] == 2);
    CHECK(desk.row(1).type == "sum");

    desk.join(test_worker, 9, {"sum", "another.type"});
    CHECK(desk.take_leases(test_worker).size() == 2);
}

TEST_CASE("submitting a finished task again gives receipt and result at once") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    desk.complete(test_worker, desk.take_leases(test_worker).at(0));
    desk.forget_all();
    desk.submit(other, "sum", {1});
    const auto heard = desk.take(other);
    REQUIRE(heard.size() == 2);
    CHECK(std::get<protocol::Receipt>(heard[0]).ids == task_ids({1}));
    CHECK(std::get<protocol::ResultBatch>(heard[1]).results.at(0).id == task_id(1));
    CHECK(desk.take(test_worker).empty());
}

TEST_CASE("a full queue refuses the rest, by number, with a time to wait") {
    Settings settings;
    settings.queue_tasks_max = 3;
    ProducerPeers desk(settings);
    desk.submit(test_client, "sum", {1, 2, 3, 4, 5});
    const auto heard = desk.take(test_client);
    REQUIRE(heard.size() == 2);
    const auto& refusal = std::get<protocol::Refusal>(heard[0]);
    CHECK(refusal.error.code == ErrorCode::busy);
    CHECK(refusal.retry_after == settings.busy_retry_after);
    CHECK(numbers_of(refusal.ids) == Numbers{4, 5});
    CHECK(numbers_of(std::get<protocol::Receipt>(heard[1]).ids) == Numbers{1, 2, 3});
    CHECK(desk.broker().refused == 2);

    desk.cancel(test_client, 2);
    static_cast<void>(desk.take(test_client));
    desk.submit(test_client, "sum", {4});
    CHECK(desk.receipts(test_client) == Numbers{4});
}

TEST_CASE("a full queue confirms what it has already") {
    Settings settings;
    settings.queue_tasks_max = 1;
    ProducerPeers desk(settings);
    desk.submit(test_client, "sum", {1});
    desk.submit(test_client, "sum", {1});
    CHECK(desk.receipts(test_client) == Numbers{1, 1});
}

TEST_CASE("a full queue refuses by bytes, and has room again when tasks end") {
    Settings settings;
    settings.queue_bytes_max = 1'000;
    ProducerPeers desk(settings);
    desk.submit_bytes(1, 600);
    desk.submit_bytes(2, 401);
    CHECK(desk.refusal(test_client).error.code == ErrorCode::busy);
    desk.submit_bytes(3, 400);
    CHECK(desk.receipts(test_client) == Numbers{3});
    CHECK(desk.queue().bytes == 1'000);
    desk.cancel(test_client, 1);
    CHECK(desk.queue().bytes == 400);
}

TEST_CASE("the broker is full when all queues together are, by number") {
    Settings settings;
    settings.tasks_max = 2;
    ProducerPeers desk(settings);
    desk.submit(test_client, "sum", {1});
    desk.submit_to("night", {2, 3});
    const protocol::Refusal refusal = desk.refusal(test_client);
    CHECK(refusal.error.code == ErrorCode::busy);
    CHECK(refusal.error.message.find("the broker is full: it holds 2 open tasks") == 0);
    CHECK(refusal.retry_after == settings.busy_retry_after);
    CHECK(numbers_of(refusal.ids) == Numbers{3});
    desk.cancel(test_client, 1);
    desk.forget_all();
    desk.submit_to("night", {3});
    CHECK(desk.receipts(test_client) == Numbers{3});
}

TEST_CASE("the broker is full when all queues together are, by bytes") {
    Settings settings;
    settings.bytes_max = 1'000;
    ProducerPeers desk(settings);
    desk.submit_bytes(1, 600);
    desk.submit_bytes(2, 401, "night");
    const protocol::Refusal refusal = desk.refusal(test_client);
    CHECK(refusal.error.code == ErrorCode::busy);
    CHECK(refusal.error.message.find("600 of 1000 bytes") != std::string::npos);
    desk.cancel(test_client, 1);
    desk.forget_all();
    desk.submit_bytes(2, 1'000, "night");
    CHECK(desk.receipts(test_client) == Numbers{2});
}

TEST_CASE("a message without tasks is ignored, whatever else it says") {
    Settings settings;
    settings.lanes_max = 1;
    ProducerPeers desk(settings);
    TaskOptions options;
    options.durability = GENERATE(Durability::memory, Durability::replicated);
    desk.submit(test_client, "sum", {1});
    desk.forget_all();
    desk.submit(test_client, "another", {}, options);
    CHECK(desk.take(test_client).empty());
}

TEST_CASE("names whose tasks are forgotten make room for new ones") {
    Settings settings;
    settings.lanes_max = 2;
    settings.finished_tasks_max = 0;
    ProducerPeers desk(settings);
    desk.submit(test_client, "sum", {1});
    for (std::uint64_t task = 2; task < 50; ++task) {
        desk.forget_all();
        desk.submit_to("queue-" + std::to_string(task), {task});
        CHECK(desk.receipts(test_client) == Numbers{task});
        CHECK(desk.queue("queue-" + std::to_string(task)).counts[1] == 1);
        desk.cancel(test_client, task);
    }
    protocol::Query query;
    query.what = protocol::QueryKind::queues;
    const protocol::Answer answer = desk.ask(query);
    CHECK(std::get<std::vector<protocol::QueueRow>>(answer.rows).size() == 2);
    desk.join(test_worker, 1, {"sum"});
    CHECK(desk.take_leases(test_worker).at(0).task == task_id(1));
}

TEST_CASE("too many different types and queues are refused") {
    Settings settings;
    settings.lanes_max = 2;
    ProducerPeers desk(settings);
    desk.submit(test_client, "a", {1});
    desk.submit(test_client, "b", {2});
    desk.submit(test_client, "c", {3});
    CHECK(desk.refusal(test_client).error.code == ErrorCode::busy);
    desk.submit(test_client, "b", {4});
    CHECK(desk.receipts(test_client) == Numbers{4});
}

TEST_CASE("a durability that cannot be had is refused, with what there is") {
    Settings settings;
    settings.durability = Durability::memory;
    ProducerPeers desk(settings);
    for (const Durability wanted : {Durability::disk, Durability::replicated}) {
        TaskOptions options;
        options.durability = wanted;
        desk.submit(test_client, "sum", {1, 2}, options);
        const protocol::Refusal refusal = desk.refusal(test_client);
        CHECK(refusal.error.code == ErrorCode::durability);
        CHECK(refusal.error.message.find("memory") != std::string::npos);
        CHECK(numbers_of(refusal.ids) == Numbers{1, 2});
    }
    CHECK(desk.records().empty());
}

TEST_CASE("no receipt leaves before its task is durable") {
    ProducerPeers desk;
    desk.hold_journal();
    desk.submit(test_client, "sum", {1});
    CHECK(desk.take(test_client).empty());
    desk.submit(test_client, "sum", {1});
    desk.pass(3s);
    CHECK(desk.take(test_client).empty());
    desk.sync();
    CHECK(desk.receipts(test_client) == Numbers{1, 1});
}

TEST_CASE("work may be given out before it is durable, its result may not") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.forget_all();
    desk.hold_journal();
    desk.submit(test_client, "sum", {1});
    const Lease lease = desk.take_leases(test_worker).at(0);
    desk.complete(test_worker, lease);
    CHECK(desk.take(test_client).empty());
    CHECK(desk.take(test_worker).empty());
    desk.sync();
    const auto heard = desk.take(test_client);
    REQUIRE(heard.size() == 2);
    CHECK(std::holds_alternative<protocol::Receipt>(heard[0]));
    CHECK(std::holds_alternative<protocol::ResultBatch>(heard[1]));
    CHECK(desk.take<protocol::Settled>(test_worker).size() == 1);
}

TEST_CASE("who asked for it, and who awaits it, hears of the end once") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    desk.from_producer(other, protocol::Await{task_ids({1})});
    desk.from_producer(other, protocol::Await{task_ids({1})});
    desk.submit(test_client, "sum", {1});
    const Lease lease = desk.take_leases(test_worker).at(0);
    desk.forget_all();
    desk.complete(test_worker, lease);
    CHECK(desk.results(test_client) == Numbers{1});
    CHECK(desk.results(other) == Numbers{1});
}

TEST_CASE("who did not want to be notified is not") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    TaskOptions options;
    options.notify = false;
    desk.submit(test_client, "sum", {1}, options);
    const Lease lease = desk.take_leases(test_worker).at(0);
    desk.complete(test_worker, lease);
    CHECK(desk.results(test_client).empty());
}

TEST_CASE("a session that asks again after the first asker has left hears once") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    desk.from_producer(other, protocol::Await{task_ids({1})});
    desk.happens(SessionLost{test_client});
    desk.from_producer(other, protocol::Await{task_ids({1})});
    desk.complete(test_worker, desk.take_leases(test_worker).at(0));
    CHECK(desk.results(other) == Numbers{1});
}

TEST_CASE("a task that has ended can be awaited at any time, also when nothing else happens") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    desk.complete(test_worker, desk.take_leases(test_worker).at(0));
    desk.pass(10s);
    desk.forget_all();
    desk.from_producer(other, protocol::Await{task_ids({1})});
    CHECK(desk.results(other) == Numbers{1});
}

TEST_CASE("awaiting and cancelling unknown tasks is refused") {
    ProducerPeers desk;
    desk.from_producer(test_client, protocol::Await{task_ids({8, 9})});
    protocol::Refusal refusal = desk.refusal(test_client);
    CHECK(refusal.error.code == ErrorCode::not_found);
    CHECK(numbers_of(refusal.ids) == Numbers{8, 9});
    desk.cancel(test_client, 8);
    refusal = desk.refusal(test_client);
    CHECK(refusal.error.code == ErrorCode::not_found);
    CHECK(numbers_of(refusal.ids) == Numbers{8});
}

TEST_CASE("a task that waits is cancelled at once") {
    ProducerPeers desk;
    desk.submit(test_client, "sum", {1});
    desk.forget_all();
    desk.cancel(other, 1);
    CHECK(desk.take<protocol::Cancelling>(other).at(0).ids == task_ids({1}));
    const auto results = desk.take<protocol::ResultBatch>(test_client);
    REQUIRE(results.size() == 1);
    CHECK(results[0].results.at(0).state == TaskState::cancelled);
    CHECK(results[0].results.at(0).error->code == ErrorCode::cancelled);
    desk.join(test_worker, 1, {"sum"});
    CHECK(desk.take_leases(test_worker).empty());
}

TEST_CASE("a task that waits for its next attempt is cancelled at once") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    desk.fail(test_worker, desk.take_leases(test_worker).at(0), ErrorCode::failed);
    REQUIRE(desk.row(1).state == TaskState::retrying);
    desk.cancel(test_client, 1);
    CHECK(desk.row(1).state == TaskState::cancelled);
    desk.pass(10s);
    CHECK(desk.row(1).state == TaskState::cancelled);
    CHECK(desk.take_leases(test_worker).empty());
}

TEST_CASE("a task that runs is told to stop, once, and ends when the worker says so") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    const Lease lease = desk.take_leases(test_worker).at(0);
    desk.forget_all();
    desk.cancel(test_client, 1);
    desk.cancel(test_client, 1);
    CHECK(desk.take<protocol::Cancelling>(test_client).size() == 2);
    const auto stops = desk.take<protocol::Stop>(test_worker);
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].leases == std::vector{lease});
    CHECK(stops[0].grace == 5s);
    CHECK(desk.row(1).state == TaskState::active);
    desk.fail(test_worker, lease, ErrorCode::cancelled);
    CHECK(desk.row(1).state == TaskState::cancelled);
    CHECK(desk.results(test_client) == Numbers{1});
}

TEST_CASE("a task that completes in spite of being cancelled is completed") {
    ProducerPeers desk;
    desk.join(test_worker, 1, {"sum"});
    desk.submit(test_client, "sum", {1});
    const Lease lease = desk.take_leases(test_worker).at(0);
    desk.cancel(test_client, 1);
    desk.complete(test_worker, lease);
    CHECK(desk.row(1).state == TaskState::completed);
}

TEST_CASE("cancelling what has ended is a conflict") {
    ProducerPeers desk;
    desk.submit(test_client, "sum", {1});
    desk.cancel(test_client, 1);
    desk.forget_all();
    desk.cancel(test_client, 1);
    CHECK(desk.refusal(test_client).error.code == ErrorCode::conflict);
}

}  // namespace penstock::broker
