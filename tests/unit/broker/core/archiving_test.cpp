// What the archive is told of tasks that end, and what the journal keeps for it.
#include "broker/core/archiving.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using protocol::ArchivedTask;

constexpr SessionId host = 3;

Settings with_archive() {
    Settings settings;
    settings.archive = true;
    settings.durability = Durability::disk;
    return settings;
}

TaskOptions tries(std::uint32_t attempts) {
    TaskOptions options;
    options.max_attempts = attempts;
    options.backoff_base = options.backoff_max = 1ms;
    return options;
}

struct Place : TestBroker {
    explicit Place(const Settings& settings = with_archive()) : TestBroker(settings) {
        hello(test_client);
        reporter(host);
        join(test_worker, 1, {"sum"});
    }
    Lease next_lease() {
        pass(1s);
        const auto leases = take_leases(test_worker);
        REQUIRE(leases.size() == 1);
        return leases.front();
    }
    ArchivedTask only_archived() {
        REQUIRE(archived().size() == 1);
        return archived().front().task;
    }
};

protocol::Submit with_body(std::uint64_t task, const TaskOptions& options) {
    return {"sum", "default", options, {{task_id(task), {SharedBytes::copy_of("args"), {}}}}};
}

}  // namespace

TEST_CASE("a dead task is archived once, with what it was and how each attempt went") {
    Place broker;
    broker.from_producer(test_client, with_body(1, tries(2)));
    broker.fail(test_worker, broker.next_lease(), ErrorCode::failed);
    CHECK(broker.archived().empty());
    broker.fail(test_worker, broker.next_lease(), ErrorCode::failed);
    const ArchivedTask task = broker.only_archived();
    CHECK(task.id == task_id(1));
    CHECK(task.type == "sum");
    CHECK(task.queue == "default");
    CHECK(task.state == TaskState::dead);
    CHECK(task.dead_reason == DeadReason::attempts_exhausted);
    CHECK(task.options.max_attempts == 2);
    CHECK(as_text(task.body.args.view()) == "args");
    CHECK(task.error->code == ErrorCode::failed);
    REQUIRE(task.reports.size() == 2);
    CHECK(task.reports[0].attempt == 1);
    CHECK(task.reports[1].attempt == 2);
    CHECK(task.reports[0].site.host == "host");
    CHECK(task.reports[0].error->code == ErrorCode::failed);
    CHECK(task.reports[0].started_at < task.reports[1].started_at);
    broker.pass(10s);
    CHECK(broker.archived().size() == 1);
}

TEST_CASE("what a process died of is told of the attempt that it ran") {
    Place broker;
    broker.submit(test_client, "sum", {1}, tries(5));
    broker.bury(host, test_worker, {{broker.next_lease(), protocol::Fate::running}});
    for (const SessionId alone : {11U, 12U}) {
        broker.join(alone, 1, {"sum"});
        broker.pass(1s);
        broker.bury(host, alone, {{broker.take_leases(alone).at(0), protocol::Fate::running}});
    }
    const ArchivedTask task = broker.only_archived();
    CHECK(task.dead_reason == DeadReason::poison);
    // The first death, which nobody was charged with, is on no record.
    REQUIRE(task.reports.size() == 2);
    for (const protocol::AttemptReport& report : task.reports) {
        REQUIRE(report.death);
        CHECK(report.death->cause == protocol::DeathCause::signalled);
        CHECK(report.death->code == 9);
    }
}

TEST_CASE("other ends are archived where the queue has a history, without what they were given") {
    for (const std::string queue : {"default", "*"}) {
        Settings settings = with_archive();
        settings.history_queues = {queue};
        Place broker(settings);
        broker.from_producer(test_client, with_body(1, {}));
        broker.complete(test_worker, broker.next_lease());
        const ArchivedTask task = broker.only_archived();
        CHECK(task.state == TaskState::completed);
        CHECK(task.body == Body{});
        REQUIRE(task.reports.size() == 1);
        CHECK_FALSE(task.reports[0].error);
        CHECK(task.reports[0].run == 5s);
    }
    Settings settings = with_archive();
    settings.history_queues = {"other"};
    Place broker(settings);
    broker.submit(test_client, "sum", {1});
    broker.complete(test_worker, broker.next_lease());
    CHECK(broker.archived().empty());
}

TEST_CASE("without an archive nothing is made for it") {
    Place broker{Settings{}};
    broker.submit(test_client, "sum", {1});
    broker.fail(test_worker, broker.next_lease(), ErrorCode::rejected);
    CHECK(broker.archived().empty());
}

TEST_CASE("the next life tells the archive what it has not got, and nothing twice") {
    Place former;
    for (const std::uint64_t task : {1U, 2U}) {
        former.from_producer(test_client, with_body(task, tries(1)));
        former.fail(test_worker, former.next_lease(), ErrorCode::failed);
    }
    REQUIRE(former.archived().size() == 2);
    const Sequence first = former.archived()[0].sequence;
    TestBroker broker(former, 1s, with_archive(), first);
    REQUIRE(broker.archived().size() == 1);
    CHECK(broker.archived()[0].sequence == former.archived()[1].sequence);
    CHECK(broker.archived()[0].task == former.archived()[1].task);
    TestBroker all(former, 1s, with_archive());
    CHECK(all.archived().size() == 2);
    TestBroker none(former, 1s, with_archive(), former.archived()[1].sequence);
    CHECK(none.archived().empty());
}

TEST_CASE("attempts of a former life are told with those of this one") {
    Place former;
    former.submit(test_client, "sum", {1}, tries(2));
    former.fail(test_worker, former.next_lease(), ErrorCode::failed);
    TestBroker broker(former, 1s, with_archive());
    CHECK(broker.row(1).error->code == ErrorCode::failed);
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    broker.pass(2s);
    broker.fail(test_worker, broker.take_leases(test_worker).at(0), ErrorCode::crashed);
    REQUIRE(broker.archived().size() == 1);
    const auto& reports = broker.archived()[0].task.reports;
    REQUIRE(reports.size() == 2);
    CHECK(reports[0].error->code == ErrorCode::failed);
    CHECK(reports[1].error->code == ErrorCode::crashed);
    CHECK(reports[1].attempt == 2);
}

TEST_CASE("the journal keeps what a task was accepted with until the archive has it") {
    Settings settings = with_archive();
    settings.finished_tasks_max = 0;
    settings.dedup_ids_max = 0;
    Place broker(settings);
    broker.from_producer(test_client, with_body(1, tries(1)));
    broker.fail(test_worker, broker.next_lease(), ErrorCode::failed);
    for (std::uint64_t task = 2; task < 20; ++task) {
        broker.submit(test_client, "other", {task});
        broker.cancel(test_client, task);
    }
    CHECK(broker.trimmed() == 0);
    TestBroker next(broker, 1s, settings);
    REQUIRE(next.archived().size() == 1);
    CHECK(as_text(next.archived()[0].task.body.args.view()) == "args");
    broker.pay(broker.archived()[0].sequence);
    broker.submit(test_client, "other", {20});
    broker.cancel(test_client, 20);
    CHECK(broker.trimmed() > 20);
}

TEST_CASE("reports are written again with their task") {
    Settings settings = with_archive();
    settings.finished_tasks_max = 0;
    settings.journal_slack_bytes = 1'000;
    Place former(settings);
    TaskOptions options = tries(4);
    options.backoff_base = options.backoff_max = 100ms;
    former.from_producer(test_client, with_body(1, options));
    for (int attempt = 0; attempt < 3; ++attempt) {
        former.fail(test_worker, former.next_lease(), ErrorCode::failed);
    }
    for (std::uint64_t task = 2; former.trimmed() < 10; ++task) {
        REQUIRE(task < 1'000);
        former.submit(test_client, "other", {task});
        former.cancel(test_client, task);
    }
    TestBroker broker(former, 1s, settings);
    broker.hello(test_client);
    broker.join(test_worker, 1, {"sum"});
    broker.pass(2s);
    broker.fail(test_worker, broker.take_leases(test_worker).at(0), ErrorCode::failed);
    REQUIRE(broker.archived().size() == 1);
    CHECK(broker.archived()[0].task.reports.size() == 4);
    CHECK(as_text(broker.archived()[0].task.body.args.view()) == "args");
}

TEST_CASE("an end that is written again does not bring back what was removed, but for lack of it") {
    Settings settings = with_archive();
    settings.journal_slack_bytes = 1'000;
    Place former(settings);
    former.from_producer(test_client, with_body(1, tries(1)));
    former.fail(test_worker, former.next_lease(), ErrorCode::failed);
    const Sequence end = former.archived().at(0).sequence;
    former.pay(end);
    TaskOptions endless = tries(1'000'000);
    endless.backoff_base = endless.backoff_max = 1ms;
    former.submit(test_client, "sum", {2}, endless);
    for (int attempt = 0; former.trimmed() < end; ++attempt) {
        REQUIRE(attempt < 1'000);
        former.fail(test_worker, former.next_lease(), ErrorCode::failed);
    }
    TestBroker broker(former, 1s, settings, end);
    CHECK(broker.archived().empty());
    TestBroker lost(former, 1s, settings);
    REQUIRE(lost.archived().size() == 1);
    CHECK(lost.archived()[0].again);
    CHECK(lost.archived()[0].task.id == task_id(1));
    CHECK(lost.archived()[0].task.error->code == ErrorCode::failed);
}

TEST_CASE("what waits for a slow archive takes the room of new tasks") {
    Settings settings = with_archive();
    settings.tasks_max = 3;
    Place broker(settings);
    for (const std::uint64_t task : {1U, 2U, 3U}) {
        broker.submit(test_client, "sum", {task}, tries(1));
        broker.fail(test_worker, broker.next_lease(), ErrorCode::failed);
    }
    static_cast<void>(broker.take(test_client));
    broker.submit(test_client, "sum", {4});
    const auto refusals = broker.take<protocol::Refusal>(test_client);
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].error.code == ErrorCode::busy);
    broker.pay(broker.archived().back().sequence);
    broker.submit(test_client, "sum", {4});
    CHECK(broker.take<protocol::Receipt>(test_client).size() == 1);
}

TEST_CASE("an archive that has failed takes no room, and the journal waits only so long for it") {
    Settings settings = with_archive();
    settings.tasks_max = 3;
    settings.finished_tasks_max = 0;
    settings.archive_hold_bytes = 10'000;
    Place broker(settings);
    broker.archive_fails();
    std::uint64_t task = 0;
    const auto one_dies = [&] {
        broker.submit(test_client, "sum", {++task}, tries(1));
        broker.fail(test_worker, broker.next_lease(), ErrorCode::failed);
    };
    for (int n = 0; n < 10; ++n) {
        one_dies();
    }
    CHECK(broker.archived().empty());
    CHECK(broker.trimmed() == 0);
    while (broker.trimmed() == 0) {
        REQUIRE(task < 1'000);
        one_dies();
    }
    CHECK(broker.broker().refused == 0);
}

TEST_CASE("an archive that cannot be opened keeps the whole journal") {
    Settings settings = with_archive();
    settings.finished_tasks_max = 0;
    Place former(settings);
    former.submit(test_client, "sum", {1}, tries(1));
    former.fail(test_worker, former.next_lease(), ErrorCode::failed);
    TestBroker broker(former, 1s, settings, std::nullopt);
    broker.hello(test_client);
    for (std::uint64_t task = 2; task < 20; ++task) {
        broker.submit(test_client, "sum", {task});
        broker.cancel(test_client, task);
    }
    CHECK(broker.archived().empty());
    CHECK(broker.trimmed() == 0);
}

TEST_CASE("of a task that fails without end the latest reports are kept, within a bound") {
    Settings settings;
    settings.reports_max = 3;
    settings.reports_bytes_max = 2'000;
    AttemptHistories histories;
    for (std::uint32_t attempt = 1; attempt <= 5; ++attempt) {
        protocol::AttemptReport report;
        report.attempt = attempt;
        histories.add(7, report, settings);
    }
    REQUIRE(histories.of(7).size() == 3);
    CHECK(histories.of(7).front().attempt == 3);
    for (TaskIndex task = 100; task < 200; ++task) {
        histories.add(task, {}, settings);
    }
    CHECK(histories.bytes() <= 2'100);
    for (TaskIndex task = 0; task < 200; ++task) {
        static_cast<void>(histories.take(task));
    }
    CHECK(histories.bytes() == 0);
}

}  // namespace penstock::broker
