// A broker is killed, and the next one knows what was durable.
#include "broker/core/recovery.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

// A client, and a worker with two slots.
struct Former : TestBroker {
    explicit Former(const Settings& settings = {}) : TestBroker(settings) {
        hello(test_client);
        join(test_worker, 2, {"sum"});
    }
};

// Greets, and a worker with one slot joins; what it is given, in order.
std::vector<std::uint64_t> given_by(TestBroker& broker) {
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    std::vector<std::uint64_t> order;
    for (auto leases = broker.take_leases(test_worker); !leases.empty();
         leases = broker.take_leases(test_worker)) {
        for (const Lease& lease : leases) {
            CHECK(lease.epoch == broker.epoch());
            order.push_back(number_of(lease.task));
            broker.complete(test_worker, lease);
        }
    }
    return order;
}

std::vector<TaskResult> results_for(TestBroker& broker, const std::vector<std::uint64_t>& tasks) {
    broker.hello(test_client);
    static_cast<void>(broker.take(test_client));
    broker.from_producer(test_client, protocol::Await{task_ids(tasks)});
    std::vector<TaskResult> results;
    for (const protocol::ResultBatch& batch : broker.take<protocol::ResultBatch>(test_client)) {
        results.insert(results.end(), batch.results.begin(), batch.results.end());
    }
    return results;
}

}  // namespace

TEST_CASE("open tasks run in the order of their acceptance, whether they ran before or not") {
    Former former;
    former.submit(test_client, "sum", {1, 2, 3, 4});
    CHECK(former.take_leases(test_worker).size() >= 2);
    TestBroker broker(former, 1s);
    CHECK(broker.queue().counts[static_cast<std::size_t>(TaskState::queued) - 1] == 4);
    CHECK(given_by(broker) == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("what was not durable is not there, and nobody was promised it") {
    Former former;
    former.hold_journal();
    former.submit(test_client, "sum", {1});
    former.sync();
    former.submit(test_client, "sum", {2});
    std::vector<std::uint64_t> promised;
    for (const auto& receipt : former.take<protocol::Receipt>(test_client)) {
        const auto numbers = numbers_of(receipt.ids);
        promised.insert(promised.end(), numbers.begin(), numbers.end());
    }
    CHECK(promised == std::vector<std::uint64_t>{1});
    TestBroker broker(former, 1s);
    CHECK(given_by(broker) == std::vector<std::uint64_t>{1});
}

TEST_CASE("an outcome is told once more to whoever asks, with all that is known of it") {
    Former former;
    former.submit(test_client, "sum", {1, 2});
    const auto leases = former.take_leases(test_worker);
    REQUIRE(leases.size() == 2);
    former.complete(test_worker, leases[0], 7s);
    former.fail(test_worker, leases[1], ErrorCode::rejected);
    TestBroker broker(former, 1s);
    const auto results = results_for(broker, {1, 2});
    REQUIRE(results.size() == 2);
    CHECK(results[0].state == TaskState::completed);
    CHECK(results[0].run == 7s);
    CHECK(results[0].attempts == 1);
    CHECK(results[1].state == TaskState::dead);
    CHECK(results[1].dead_reason == DeadReason::rejected);
    CHECK(results[1].error->code == ErrorCode::rejected);
    CHECK(given_by(broker).empty());
}

TEST_CASE("a repeated submission of a task that has ended is answered, not run again") {
    Former former;
    former.submit(test_client, "sum", {1});
    former.complete(test_worker, former.take_leases(test_worker).at(0));
    TestBroker broker(former, 1s);
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    broker.submit(test_client, "sum", {1});
    CHECK(broker.take_leases(test_worker).empty());
}

TEST_CASE("a worker that still holds a lease of the former life cannot record its outcome") {
    Former former;
    former.submit(test_client, "sum", {1});
    const Lease old = former.take_leases(test_worker).at(0);
    TestBroker broker(former, 1s);
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    const Lease current = broker.take_leases(test_worker).at(0);
    broker.complete(test_worker, old);
    CHECK(broker.row(1).state == TaskState::active);
    CHECK(broker.broker().stale_outcomes == 1);
    broker.complete(test_worker, current);
    CHECK(broker.row(1).state == TaskState::completed);
}

TEST_CASE("retries survive: the attempts are counted on, and the wait begins again") {
    TaskOptions options;
    options.max_attempts = 2;
    options.backoff_base = options.backoff_max = 10s;
    Former former;
    former.submit(test_client, "sum", {1}, options);
    former.fail(test_worker, former.take_leases(test_worker).at(0), ErrorCode::failed);
    TestBroker broker(former, 1s);
    CHECK(broker.row(1).state == TaskState::retrying);
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    CHECK(broker.take_leases(test_worker).empty());
    broker.pass(11s);
    const auto again = broker.take_leases(test_worker);
    REQUIRE(again.size() == 1);
    CHECK(again[0].attempt == 2);
    broker.fail(test_worker, again[0], ErrorCode::failed);
    CHECK(broker.row(1).state == TaskState::dead);
}

TEST_CASE("a cancel that waited for a running attempt is carried out at the restart") {
    Former former;
    former.submit(test_client, "sum", {1, 2});
    CHECK(former.take_leases(test_worker).size() == 2);
    former.cancel(test_client, 1);
    CHECK(former.row(1).state == TaskState::active);
    TestBroker broker(former, 1s);
    CHECK(broker.row(1).state == TaskState::cancelled);
    CHECK(given_by(broker) == std::vector<std::uint64_t>{2});
    // And is on record: the life after that knows it, too.
    TestBroker third(broker, 1s);
    CHECK(third.row(1).state == TaskState::cancelled);
}

TEST_CASE("time that passed while no broker ran counts for how long ends are remembered") {
    Settings settings;
    settings.finished_ttl = 60s;
    Former former(settings);
    former.submit(test_client, "sum", {1});
    former.complete(test_worker, former.take_leases(test_worker).at(0));
    TestBroker soon(former, 59s, settings);
    CHECK(results_for(soon, {1}).size() == 1);
    TestBroker late(former, 61s, settings);
    CHECK(results_for(late, {1}).empty());
}

TEST_CASE("a task without a date that ended, was forgotten and came back is open again") {
    Settings settings;
    settings.finished_ttl = 60s;
    settings.dedup_ids_max = 0;
    Former former(settings);
    former.submit(test_client, "sum", {1});
    former.complete(test_worker, former.take_leases(test_worker).at(0));
    former.pass(62s);
    former.submit(test_client, "sum", {1});
    TestBroker broker(former, 1s, settings);
    CHECK(broker.queue().counts[static_cast<std::size_t>(TaskState::queued) - 1] == 1);
    CHECK(broker.queue().counts[static_cast<std::size_t>(TaskState::completed) - 1] == 0);
    CHECK(given_by(broker) == std::vector<std::uint64_t>{1});
}

TEST_CASE("recovered tasks wait for their workers, though others are back already") {
    Former former;
    former.submit(test_client, "sum", {1});
    TestBroker broker(former, 1s);
    broker.hello(test_client);
    broker.join(3, 1, {"other"});
    broker.pass(60s);
    CHECK(broker.row(1).state == TaskState::queued);
    broker.join(test_worker, 1, {"sum"});
    CHECK(broker.take_leases(test_worker).size() == 1);
}

TEST_CASE("records are needed as long as a task that was accepted with or before them is known") {
    Settings settings;
    settings.finished_ttl = 60s;
    Former former(settings);
    former.submit(test_client, "sum", {1});
    former.submit(test_client, "sum", {2});
    const auto leases = former.take_leases(test_worker);
    former.complete(test_worker, leases.at(0));
    former.pass(62s);
    former.cancel(test_client, 99);
    former.submit(test_client, "sum", {3});
    former.submit(test_client, "sum", {4});
    CHECK(former.trimmed() == 1);
    TestBroker broker(former, 1s, settings);
    CHECK(given_by(broker) == std::vector<std::uint64_t>{2, 3, 4});
}

TEST_CASE("rule 18: old tasks do not keep the journal, nor lose their places") {
    Settings settings;
    settings.durability = Durability::disk;
    settings.finished_tasks_max = 10;
    settings.journal_slack_bytes = 10'000;
    Former former(settings);
    former.submit(test_client, "other", {1'001});
    for (std::uint64_t task = 1; task < 1'000; ++task) {
        former.submit(test_client, "sum", {task});
        former.complete(test_worker, former.take_leases(test_worker).at(0));
        if (task == 500) {
            former.submit(test_client, "other", {1'002});
        }
        if (task >= 500 && task % 10 == 0) {
            CHECK(former.trimmed() > former.records().size() - 700);
            TestBroker broker(former, 1s, settings);
            broker.join(3, 1, {"other"});
            CHECK(number_of(broker.take_leases(3).at(0).task) == 1'001);
        }
    }
}

TEST_CASE("what is written again is needed at its old place until it is durable at its new one") {
    Settings settings;
    settings.durability = Durability::disk;
    settings.finished_tasks_max = 0;
    settings.journal_slack_bytes = 1'000;
    Former former(settings);
    former.submit(test_client, "other", {1});
    former.hold_journal();
    for (std::uint64_t task = 2; task < 200; ++task) {
        former.submit(test_client, "sum", {task});
        former.cancel(test_client, task);
        // The disk is always a few records behind.
        former.sync_all_but(10);
        TestBroker broker(former, 1s, settings);
        REQUIRE(broker.row(1).state == TaskState::queued);
    }
    CHECK(former.trimmed() > 100);
}

TEST_CASE("attempts and cancels that were asked for are written again with their task") {
    Settings settings;
    settings.durability = Durability::disk;
    settings.journal_slack_bytes = 1'000;
    settings.finished_tasks_max = 0;
    TaskOptions options;
    options.backoff_base = options.backoff_max = 1h;
    Former former(settings);
    former.submit(test_client, "sum", {1, 2}, options);
    const auto leases = former.take_leases(test_worker);
    former.fail(test_worker, leases.at(0), ErrorCode::failed);
    former.cancel(test_client, 2);
    for (std::uint64_t task = 3; former.trimmed() < leases.size(); ++task) {
        REQUIRE(task < 1'000);
        former.submit(test_client, "other", {task});
        former.cancel(test_client, task);
    }
    TestBroker broker(former, 1s, settings);
    CHECK(broker.row(1).state == TaskState::retrying);
    CHECK(broker.row(1).attempts == 1);
    CHECK(former.row(2).state == TaskState::active);
    // Cancelled at the restart, and forgotten at once.
    CHECK(broker.queue().counts[static_cast<std::size_t>(TaskState::active) - 1] == 0);
    CHECK(broker.queue().counts[static_cast<std::size_t>(TaskState::queued) - 1] == 0);
}

}  // namespace penstock::broker
