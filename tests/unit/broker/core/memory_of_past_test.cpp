#include "broker/core/memory_of_past.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

// A broker whose tasks are done as soon as they come, with an output of this size.
struct Done {
    TestBroker broker;

    explicit Done(const Settings& settings) : broker(settings) {
        broker.hello(test_client);
        broker.join(test_worker, 1, {"sum"});
    }
    void complete(std::uint64_t task, std::size_t output_bytes) {
        broker.submit(test_client, "sum", {task});
        const std::vector<Lease> leases = broker.take_leases(test_worker);
        REQUIRE(leases.size() == 1);
        const Body output{{}, SharedBytes::copy_of(std::string(output_bytes, 'x'))};
        broker.from_worker(test_worker,
                           protocol::OutcomeBatch{test_epoch, {{leases[0], 0, 1s, {}, output}}});
    }
    // What the client has been told since the last call.
    std::vector<TaskResult> told() {
        std::vector<TaskResult> results;
        for (protocol::ResultBatch& batch : broker.take<protocol::ResultBatch>(test_client)) {
            std::ranges::move(batch.results, std::back_inserter(results));
        }
        return results;
    }
    // The result as a client gets it that asks now.
    TaskResult await(std::uint64_t task) {
        static_cast<void>(broker.take(test_client));
        broker.from_producer(test_client, protocol::Await{{task_id(task)}});
        const auto batches = broker.take<protocol::ResultBatch>(test_client);
        REQUIRE(batches.size() == 1);
        return batches[0].results.at(0);
    }
};

bool has_expired(const TaskResult& result) {
    return result.state == TaskState::completed && result.output.size_bytes() == 0 &&
           result.error && result.error->code == ErrorCode::result_expired;
}

}  // namespace

TEST_CASE("a finished task is forgotten after a day, and its names make room") {
    Settings settings;
    settings.lanes_max = 1;
    Done done(settings);
    done.complete(1, 10);
    done.broker.pass(23h);
    CHECK(done.broker.row(1).state == TaskState::completed);
    done.broker.pass(2h);
    CHECK(done.broker.broker().finished_tasks == 0);
    done.broker.submit(test_client, "another", {2});
    CHECK(done.broker.row(2).state == TaskState::queued);
}

TEST_CASE("results are kept up to 256 MiB by default, the oldest goes first") {
    CHECK(Settings{}.results_bytes_max == 256U * 1024 * 1024);
    Settings settings;
    settings.results_bytes_max = 1'000;
    Done done(settings);
    done.complete(1, 400);
    done.complete(2, 600);
    CHECK_FALSE(has_expired(done.await(1)));
    CHECK(done.broker.broker().result_bytes == 1'000);

    done.complete(3, 1);
    CHECK(has_expired(done.await(1)));
    CHECK_FALSE(has_expired(done.await(2)));
    CHECK(done.broker.broker().result_bytes == 601);
    CHECK(done.broker.broker().finished_tasks == 3);
}

TEST_CASE("a result larger than everything that may be kept is not kept") {
    Settings settings;
    settings.results_bytes_max = 1'000;
    Done done(settings);
    done.complete(1, 1'001);
    CHECK(has_expired(done.await(1)));
    CHECK(done.broker.broker().result_bytes == 0);
}

TEST_CASE("results expire by age") {
    Settings settings;
    settings.result_ttl = 60s;
    Done done(settings);
    done.complete(1, 10);
    done.broker.pass(59s);
    CHECK_FALSE(has_expired(done.await(1)));
    done.broker.pass(2s);
    CHECK(has_expired(done.await(1)));
}

TEST_CASE("only so many finished tasks are remembered, and counts follow") {
    Settings settings;
    settings.finished_tasks_max = 2;
    Done done(settings);
    for (std::uint64_t task = 1; task <= 4; ++task) {
        done.complete(task, 10);
    }
    static_cast<void>(done.broker.take(test_client));
    done.broker.from_producer(test_client, protocol::Await{task_ids({1, 2, 3})});
    const auto refusals = done.broker.take<protocol::Refusal>(test_client);
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].error.code == ErrorCode::result_expired);
    CHECK(numbers_of(refusals[0].ids) == std::vector<std::uint64_t>{1, 2});
    CHECK(done.broker.broker().finished_tasks == 2);
    CHECK(done.broker.broker().result_bytes == 20);
    CHECK(done.broker.queue().counts[static_cast<std::size_t>(TaskState::completed) - 1] == 2);
}

TEST_CASE("who waits for a result gets it, even one that is too large to be kept") {
    Settings settings;
    settings.results_bytes_max = 1'000;
    Done done(settings);
    done.complete(1, 5'000);
    const std::vector<TaskResult> told = done.told();
    REQUIRE(told.size() == 1);
    CHECK_FALSE(told[0].error.has_value());
    CHECK(told[0].output.size_bytes() == 5'000);
    CHECK(has_expired(done.await(1)));
}

TEST_CASE("no result and no task is forgotten while its end waits for the journal") {
    Settings settings;
    settings.results_bytes_max = 1'000;
    settings.finished_tasks_max = 0;
    Done done(settings);
    done.broker.hold_journal();
    for (std::uint64_t task = 1; task <= 3; ++task) {
        done.complete(task, 600);
    }
    CHECK(done.told().empty());
    CHECK(done.broker.broker().result_bytes == 1'800);
    done.broker.sync();
    const std::vector<TaskResult> told = done.told();
    REQUIRE(told.size() == 3);
    CHECK(std::ranges::none_of(told, has_expired));
    CHECK(done.broker.broker().finished_tasks == 0);
    CHECK(done.broker.broker().result_bytes == 0);
}

TEST_CASE("setting the wall clock lets no result expire") {
    Done done(Settings{});
    done.complete(1, 10);
    done.broker.set_wall_clock(24h);
    done.broker.pass(2s);
    CHECK_FALSE(has_expired(done.await(1)));
}

TEST_CASE("a long error text takes room like a result, and is cut when the room is needed") {
    Settings settings;
    settings.results_bytes_max = 1'000;
    Done done(settings);
    done.broker.submit(test_client, "sum", {1});
    const Lease lease = done.broker.take_leases(test_worker).at(0);
    const Error error{ErrorCode::rejected, std::string(4'000, 'x')};
    done.broker.from_worker(test_worker,
                            protocol::OutcomeBatch{test_epoch, {{lease, 0, 1s, error, {}}}});
    CHECK(done.told().at(0).error == error);
    CHECK(done.broker.broker().result_bytes == 0);
    CHECK(done.await(1).error == Error{ErrorCode::rejected, std::string(256, 'x')});
}

TEST_CASE("the note of a task's progress is gone with its end") {
    Done done(Settings{});
    done.broker.submit(test_client, "sum", {1});
    const Lease lease = done.broker.take_leases(test_worker).at(0);
    done.broker.from_worker(test_worker,
                            protocol::Progress{test_epoch, {{lease, 500, "half way"}}});
    CHECK(done.broker.row(1).progress_note == "half way");
    done.broker.complete(test_worker, lease);
    CHECK(done.broker.row(1).progress_note.empty());
}

}  // namespace penstock::broker
