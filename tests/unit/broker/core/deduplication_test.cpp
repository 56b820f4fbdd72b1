// An id that was submitted before never runs again, however long ago its task was forgotten.
#include <algorithm>
#include <variant>

#include "broker/core/memory_of_past.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Catch::Matchers::ContainsSubstring;

// Finished tasks are forgotten at once.
Settings forgetful() {
    Settings settings;
    settings.durability = Durability::disk;
    settings.finished_tasks_max = 0;
    return settings;
}

struct Forgetful : TestBroker {
    explicit Forgetful(const Settings& settings = forgetful()) : TestBroker(settings) { meet(); }
    Forgetful(const TestBroker& former, Duration away, const Settings& settings = forgetful())
        : TestBroker(former, away, settings) {
        meet();
    }
    void meet() {
        hello(test_client);
        join(test_worker, 1, {"sum"});
        static_cast<void>(take(test_client));
    }
    // The id of a task that is made now, `before` that.
    [[nodiscard]] TaskId make(std::uint64_t number, Duration before = 0s) const {
        const auto age = std::chrono::floor<std::chrono::milliseconds>(before);
        return make_task_id(now().unix_ms - age.count(), 0, number);
    }
    void submit_id(const TaskId& id, Durability durability = Durability::disk) {
        protocol::Submit submit{"sum", "default", {}, {{id, {}}}};
        submit.options.durability = durability;
        from_producer(test_client, std::move(submit));
    }
    // Submits it, and it ends.
    void run(const TaskId& id, Durability durability = Durability::disk) {
        submit_id(id, durability);
        const std::vector<Lease> leases = take_leases(test_worker);
        REQUIRE(leases.size() == 1);
        complete(test_worker, leases[0]);
        static_cast<void>(take(test_client));
    }
    // Whether it was accepted as a new task; then it has ended.
    bool runs(const TaskId& id) {
        submit_id(id);
        const std::vector<Lease> leases = take_leases(test_worker);
        for (const Lease& lease : leases) {
            complete(test_worker, lease);
        }
        return !leases.empty();
    }
    Error refusal_of(const TaskId& id) {
        static_cast<void>(take(test_client));
        submit_id(id);
        const auto refusals = take<protocol::Refusal>(test_client);
        REQUIRE(refusals.size() == 1);
        CHECK(refusals[0].ids == std::vector{id});
        return refusals[0].error;
    }
};

}  // namespace

TEST_CASE("a forgotten task that is submitted again gets a receipt, and does not run") {
    Forgetful broker;
    const bool dated = GENERATE(true, false);
    const TaskId id = dated ? broker.make(1) : task_id(1);
    broker.run(id);
    CHECK(broker.broker().finished_tasks == 0);
    CHECK_FALSE(broker.runs(id));
    const auto heard = broker.take(test_client);
    REQUIRE(heard.size() == 2);
    const auto& receipt = std::get<protocol::Receipt>(heard[0]);
    CHECK(receipt.ids == std::vector{id});
    CHECK(receipt.durability == Durability::disk);
    // Who waits for the end is not left waiting.
    const auto& refusal = std::get<protocol::Refusal>(heard[1]);
    CHECK(refusal.error.code == ErrorCode::result_expired);
    CHECK(refusal.ids == std::vector{id});
}

TEST_CASE("a forgotten task does not run again after a restart either") {
    Forgetful former;
    const bool dated = GENERATE(true, false);
    const TaskId id = dated ? former.make(1) : task_id(1);
    former.run(id);
    Forgetful broker(former, 1h);
    CHECK_FALSE(broker.runs(id));
    CHECK(broker.broker().finished_tasks == 0);
    Forgetful third(broker, 1h);
    CHECK_FALSE(third.runs(id));
}

TEST_CASE("who awaits or cancels a forgotten task hears that it has ended") {
    Forgetful broker;
    const TaskId id = broker.make(1);
    broker.run(id);
    broker.from_producer(test_client, protocol::Await{{id, task_id(2)}});
    broker.from_producer(test_client, protocol::Cancel{{id}});
    const auto refusals = broker.take<protocol::Refusal>(test_client);
    REQUIRE(refusals.size() == 3);
    CHECK(refusals[0].error.code == ErrorCode::not_found);
    CHECK(refusals[0].ids == std::vector{task_id(2)});
    CHECK(refusals[1].error.code == ErrorCode::result_expired);
    CHECK(refusals[2].error.code == ErrorCode::conflict);
}

TEST_CASE("an id that is older than the window is refused, with its age and what to do") {
    Forgetful broker;
    const TaskId id = broker.make(1);
    broker.run(id);
    broker.pass(23h);
    CHECK_FALSE(broker.runs(id));
    broker.pass(3h);
    const Error error = broker.refusal_of(id);
    CHECK(error.code == ErrorCode::expired);
    CHECK_THAT(error.message, ContainsSubstring("made 26 h ago"));
    CHECK_THAT(error.message, ContainsSubstring("submit it with a new id"));
    CHECK(broker.broker().refused == 1);
}

TEST_CASE("an id that was made more than an hour from now is refused") {
    Forgetful broker;
    const Error error = broker.refusal_of(broker.make(1, -26h));
    CHECK(error.code == ErrorCode::malformed);
    CHECK_THAT(error.message, ContainsSubstring("26 h from now"));
    CHECK_THAT(error.message, ContainsSubstring("set the clock"));
    CHECK(broker.runs(broker.make(2, -59min)));
}

TEST_CASE("a task that is known is never refused for its age") {
    Settings settings;
    settings.dedup_window = 60s;
    Forgetful broker(settings);
    const TaskId ended = broker.make(1);
    const TaskId open = broker.make(2);
    broker.run(ended);
    broker.submit_id(open);
    broker.pass(1h);
    static_cast<void>(broker.take(test_client));
    broker.submit_id(ended);
    broker.submit_id(open);
    CHECK(broker.take<protocol::Receipt>(test_client).size() == 2);
}

TEST_CASE("when there are too many ids, the oldest are refused rather than run again") {
    Settings settings = forgetful();
    settings.dedup_ids_max = 10;
    Forgetful former(settings);
    std::vector<TaskId> ids;
    for (std::uint64_t n = 0; n < 20; ++n) {
        ids.push_back(former.make(n));
        former.run(ids.back());
        former.pass(1s);
    }
    const auto check = [&ids](Forgetful& broker) {
        CHECK(broker.refusal_of(ids[0]).code == ErrorCode::expired);
        CHECK(broker.refusal_of(ids[9]).code == ErrorCode::expired);
        CHECK_FALSE(broker.runs(ids[11]));
        CHECK_FALSE(broker.runs(ids[19]));
    };
    check(former);
    // Nor does a larger limit later give back what was dropped.
    Forgetful broker(former, 1s);
    check(broker);
}

TEST_CASE("a clock that is set back during a restart lets nothing run again") {
    Forgetful former;
    const TaskId id = former.make(1);
    former.run(id);
    former.pass(25h);
    former.set_wall_clock(-2h);
    CHECK(former.refusal_of(id).code == ErrorCode::expired);
    Forgetful broker(former, 1s);
    CHECK(broker.refusal_of(id).code == ErrorCode::expired);
}

TEST_CASE("what a clock that was wrong by days has left in the journal is not believed") {
    Forgetful former;
    former.set_wall_clock(1'000h);
    former.run(former.make(1));
    former.set_wall_clock(-1'000h);
    const TaskId id = former.make(2);
    former.run(id);
    CHECK_FALSE(former.runs(id));
    Forgetful broker(former, 1s);
    CHECK_FALSE(broker.runs(id));
    CHECK(broker.runs(broker.make(3)));
}

TEST_CASE("what was kept in memory only is written down before it is promised for good") {
    Forgetful former;
    const TaskId id = former.make(1);
    former.run(id, Durability::memory);
    const std::size_t records = former.records().size();
    former.hold_journal();
    former.submit_id(id, Durability::memory);
    CHECK(former.take<protocol::Receipt>(test_client).size() == 1);
    CHECK(former.records().size() == records);
    former.submit_id(id);
    former.submit_id(id);
    CHECK(former.take<protocol::Receipt>(test_client).empty());
    former.sync();
    CHECK(former.take<protocol::Receipt>(test_client).size() == 1);
    Forgetful broker(former, 1s);
    CHECK_FALSE(broker.runs(id));
}

TEST_CASE("what a turn forgets is one record") {
    Forgetful broker;
    broker.hold_journal();
    for (std::uint64_t n = 1; n <= 5; ++n) {
        broker.run(broker.make(n));
    }
    const std::size_t before = broker.records().size();
    broker.sync();
    CHECK(broker.records().size() == before + 1);
}

TEST_CASE("ids are written again when their records are in the way, and are not lost by that") {
    Settings settings = forgetful();
    settings.journal_slack_bytes = 10'000;
    Forgetful former(settings);
    std::vector<TaskId> ids{former.make(0), task_id(7)};
    former.run(ids[0]);
    former.run(ids[1]);
    for (std::uint64_t n = 1; n < 2'000; ++n) {
        ids.push_back(former.make(n));
        former.run(ids.back());
        if (n % 20 == 0) {
            former.pass(500ms);
        }
    }
    CHECK(former.trimmed() > former.records().size() * 3 / 4);
    Forgetful broker(former, 1s, settings);
    CHECK(std::ranges::none_of(ids, [&](const TaskId& id) { return broker.runs(id); }));
}

TEST_CASE("ids are not written again without end") {
    Settings settings = forgetful();
    settings.journal_slack_bytes = 0;
    Forgetful broker(settings);
    for (std::uint64_t n = 1; n < 300; ++n) {
        broker.run(broker.make(n));
        broker.pass(1s);
    }
    CHECK(broker.records().size() < 300 * 5);
    const std::size_t before = broker.records().size();
    broker.pass(1h);
    CHECK(broker.records().size() == before);
}

TEST_CASE("records of ids that are dropped go, and the journal keeps the floor alone") {
    Forgetful former;
    for (std::uint64_t n = 1; n <= 100; ++n) {
        former.run(former.make(n));
        former.pass(1s);
    }
    const std::size_t before = former.records().size();
    former.pass(30h);
    CHECK(former.records().size() <= before + 4);
    // Trimmed is with what comes next.
    former.run(former.make(101));
    former.run(former.make(102));
    CHECK(former.trimmed() > before);
}

}  // namespace penstock::broker
