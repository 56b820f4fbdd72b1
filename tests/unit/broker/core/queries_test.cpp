#include <set>
#include <string>

#include "broker/core/producer_desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Numbers = std::vector<std::uint64_t>;

protocol::Query about(protocol::QueryKind what) {
    protocol::Query query;
    query.what = what;
    return query;
}

// All pages of the tasks, and how many there were.
Numbers all_tasks(TestBroker& broker, protocol::Query query, int* pages = nullptr) {
    Numbers numbers;
    do {
        const protocol::Answer answer = broker.ask(query);
        CHECK(answer.what == protocol::QueryKind::tasks);
        for (const auto& row : std::get<std::vector<protocol::TaskRow>>(answer.rows)) {
            numbers.push_back(number_of(row.id));
        }
        query.cursor = answer.next_cursor;
        if (pages != nullptr) {
            ++*pages;
        }
    } while (query.cursor != 0);
    return numbers;
}

}  // namespace

TEST_CASE("one task is shown with all that is known of it") {
    TestBroker broker;
    broker.hello(test_client);
    broker.submit(test_client, "sum", {1});
    CHECK(broker.row(1).site == std::nullopt);
    CHECK(broker.row(1).started_at == 0);
    CHECK(broker.row(1).finished_at == 0);
    broker.pass(2s);
    broker.join(test_worker, 1, {"sum"});
    broker.pass(3s);
    const Body output{SharedBytes::copy_of("123"), SharedBytes::copy_of("4567")};
    broker.from_worker(
        test_worker,
        protocol::OutcomeBatch{test_epoch,
                               {{broker.take_leases(test_worker).at(0), 6, 5ms, {}, output}}});
    const protocol::TaskRow row = broker.row(1);
    CHECK(row.type == "sum");
    CHECK(row.queue == "default");
    CHECK(row.state == TaskState::completed);
    CHECK(row.attempts == 1);
    CHECK(row.site == Site{"host", test_worker, 0});
    CHECK(row.thread == 6);
    CHECK(row.run == 5ms);
    CHECK(row.result_bytes == 7);
    CHECK(row.started_at - row.created_at == 2'000);
    CHECK(row.finished_at - row.started_at == 3'000);
}

TEST_CASE("an unknown task has no rows") {
    TestBroker broker;
    protocol::Query query = about(protocol::QueryKind::task);
    query.id = task_id(5);
    CHECK(std::get<std::vector<protocol::TaskRow>>(broker.ask(query).rows).empty());
}

TEST_CASE("tasks are listed in pages, each once") {
    Settings settings;
    TestBroker broker(settings);
    broker.hello(test_client);
    Numbers expected;
    for (std::uint64_t task = 1; task <= 25; ++task) {
        broker.submit(test_client, "sum", {task});
        expected.push_back(task);
    }
    protocol::Query query = about(protocol::QueryKind::tasks);
    query.limit = 10;
    int pages = 0;
    CHECK(all_tasks(broker, query, &pages) == expected);
    CHECK(pages == 3);
    query.limit = 25;
    CHECK(broker.ask(query).next_cursor == 0);
    query.cursor = ~std::uint64_t{0};
    CHECK(broker.ask(query).next_cursor == 0);
}

TEST_CASE("a page ends early when it has cost enough, or its rows are large") {
    Settings settings;
    int least_pages = 0;
    SECTION("tasks looked at") {
        settings.query_scan_max = 5;
        least_pages = 5;
    }
    SECTION("rows") {
        settings.query_rows_max = 4;
        least_pages = 7;
    }
    SECTION("bytes") {
        settings.header_bytes_max = 1'000;
        least_pages = 4;
    }
    TestBroker broker(settings);
    broker.hello(test_client);
    for (std::uint64_t task = 1; task <= 25; ++task) {
        broker.submit(test_client, "sum", {task});
    }
    int pages = 0;
    CHECK(all_tasks(broker, about(protocol::QueryKind::tasks), &pages).size() == 25);
    CHECK(pages >= least_pages);
    CHECK(pages < 25);
}

TEST_CASE("tasks are filtered by state, queue and type") {
    TestBroker broker;
    broker.hello(test_client);
    broker.submit(test_client, "sum", {1, 2});
    broker.submit(test_client, "lcg", {3});
    broker.from_producer(test_client, protocol::Submit{"sum", "night", {}, {{task_id(4), {}}}});
    broker.cancel(test_client, 2);
    protocol::Query query = about(protocol::QueryKind::tasks);
    SECTION("state") {
        query.state = TaskState::cancelled;
        CHECK(all_tasks(broker, query) == Numbers{2});
    }
    SECTION("queue") {
        query.queue = "night";
        CHECK(all_tasks(broker, query) == Numbers{4});
    }
    SECTION("type") {
        query.type = "sum";
        CHECK(all_tasks(broker, query) == Numbers{1, 2, 4});
    }
    SECTION("all of them") {
        query.state = TaskState::queued;
        query.queue = "default";
        query.type = "sum";
        CHECK(all_tasks(broker, query) == Numbers{1});
    }
    SECTION("nothing") {
        query.type = "unknown";
        CHECK(all_tasks(broker, query).empty());
    }
}

TEST_CASE("queues show a count per state, their bytes and the age of the oldest that waits") {
    TestBroker broker;
    broker.hello(test_client);
    broker.submit(test_client, "sum", {1});
    broker.pass(3s);
    protocol::Submit large{"lcg", "default", {}, {{task_id(2), {}}}};
    large.tasks[0].body.payload = SharedBytes::copy_of("12345");
    broker.from_producer(test_client, large);
    broker.pass(1s);
    CHECK(broker.queue().counts[1] == 2);
    CHECK(broker.queue().bytes == 5);
    CHECK(broker.queue().oldest_age == 4s);
    broker.cancel(test_client, 1);
    CHECK(broker.queue().counts[1] == 1);
    CHECK(broker.queue().counts[7] == 1);
    CHECK(broker.queue().oldest_age == 1s);
    broker.cancel(test_client, 2);
    CHECK(broker.queue().oldest_age == 0s);
    CHECK(broker.queue().bytes == 0);
}

TEST_CASE("queues are listed in pages, each with its own age") {
    TestBroker broker;
    broker.hello(test_client);
    std::uint64_t task = 0;
    for (const std::string queue : {"a", "b", "c"}) {
        broker.from_producer(test_client,
                             protocol::Submit{"sum", queue, {}, {{task_id(++task), {}}}});
        broker.pass(1s);
    }
    protocol::Query query = about(protocol::QueryKind::queues);
    query.limit = 2;
    const protocol::Answer first = broker.ask(query);
    const auto& rows = std::get<std::vector<protocol::QueueRow>>(first.rows);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "a");
    CHECK(rows[0].oldest_age == 3s);
    CHECK(rows[1].oldest_age == 2s);
    query.cursor = first.next_cursor;
    const protocol::Answer second = broker.ask(query);
    const auto& rest = std::get<std::vector<protocol::QueueRow>>(second.rows);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].name == "c");
    CHECK(rest[0].oldest_age == 1s);
    CHECK(second.next_cursor == 0);
}

TEST_CASE("workers are listed with their slots, leases and what they have completed") {
    TestBroker broker;
    broker.hello(test_client);
    protocol::Join join = join_of(test_worker, 2, {"sum", "lcg"});
    join.queues = {"night", "default"};
    join.labels = {"gpu"};
    broker.join(test_worker, join);
    broker.submit(test_client, "sum", {1, 2, 3});
    const std::vector<Lease> leases = broker.take_leases(test_worker);
    REQUIRE(leases.size() == 2);
    broker.complete(test_worker, leases[0]);
    broker.fail(test_worker, leases[1], ErrorCode::failed);
    broker.from_worker(test_worker, protocol::Drain{});

    const protocol::Answer answer = broker.ask(about(protocol::QueryKind::workers));
    const auto& rows = std::get<std::vector<protocol::WorkerRow>>(answer.rows);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].worker == worker_id(test_worker));
    CHECK(rows[0].site == Site{"host", test_worker, 0});
    CHECK(rows[0].slots == std::array{2U, 0U});
    CHECK(rows[0].leases == std::array{1U, 0U});
    CHECK(rows[0].completed == 1);
    CHECK(rows[0].draining);
    CHECK(rows[0].queues == std::vector<std::string>{"default", "night"});
    CHECK(rows[0].types == std::vector<std::string>{"lcg", "sum"});
    CHECK(rows[0].labels == std::vector<std::string>{"gpu"});
    CHECK(rows[0].joined_at == broker.now().unix_ms);
}

TEST_CASE("the broker tells about itself") {
    TestBroker broker;
    const std::int64_t start = broker.now().unix_ms;
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    broker.submit(test_client, "sum", {1, 2});
    broker.complete(test_worker, broker.take_leases(test_worker).at(0));
    const protocol::BrokerRow row = broker.broker();
    CHECK(row.version == PENSTOCK_VERSION);
    CHECK(row.epoch == test_epoch);
    CHECK(row.started_at == start);
    CHECK(row.open_tasks == 1);
    CHECK(row.finished_tasks == 1);
    CHECK(row.workers == 1);
    CHECK(row.stale_outcomes == 0);
    CHECK(row.refused == 0);
}

}  // namespace penstock::broker
