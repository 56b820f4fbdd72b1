#include "broker/core/memory_of_past.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
constexpr SessionId client = 1;
constexpr SessionId worker = 2;

// A broker whose tasks are done as soon as they come, with an output of this size.
struct Done {
    TestBroker broker;

    explicit Done(const Settings& settings) : broker(settings) {
        broker.hello(client);
        broker.join(worker, 1, {"sum"});
    }
    void complete(std::uint64_t task, std::size_t output_bytes) {
        broker.submit(client, "sum", {task});
        const std::vector<Lease> leases = broker.take_leases(worker);
        REQUIRE(leases.size() == 1);
        const Body output{{}, SharedBytes::copy_of(std::string(output_bytes, 'x'))};
        broker.from_worker(worker,
                           protocol::OutcomeBatch{test_epoch, {{leases[0], 0, 1s, {}, output}}});
    }
    // The result as a client gets it that asks now.
    TaskResult await(std::uint64_t task) {
        static_cast<void>(broker.take(client));
        broker.from_producer(client, protocol::Await{{task_id(task)}});
        const auto batches = broker.take<protocol::ResultBatch>(client);
        REQUIRE(batches.size() == 1);
        return batches[0].results.at(0);
    }
};

bool has_expired(const TaskResult& result) {
    return result.state == TaskState::completed && result.output.size_bytes() == 0 &&
           result.error && result.error->code == ErrorCode::result_expired;
}

}  // namespace

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
    static_cast<void>(done.broker.take(client));
    done.broker.from_producer(client, protocol::Await{task_ids({1, 2, 3})});
    const auto refusals = done.broker.take<protocol::Refusal>(client);
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].error.code == ErrorCode::not_found);
    CHECK(numbers_of(refusals[0].ids) == std::vector<std::uint64_t>{1, 2});
    CHECK(done.broker.broker().finished_tasks == 2);
    CHECK(done.broker.broker().result_bytes == 20);
    CHECK(done.broker.queue().counts[static_cast<std::size_t>(TaskState::completed) - 1] == 2);
}

TEST_CASE("a forgotten task that is submitted again starts afresh") {
    Settings settings;
    settings.finished_tasks_max = 1;
    Done done(settings);
    done.complete(1, 10);
    done.complete(2, 10);
    done.broker.submit(client, "sum", {1});
    CHECK(done.broker.row(1).state == TaskState::active);
    const std::vector<Lease> leases = done.broker.take_leases(worker);
    REQUIRE(leases.size() == 1);
    done.broker.complete(worker, leases[0]);
    CHECK_FALSE(done.await(1).error.has_value());
}

}  // namespace penstock::broker
