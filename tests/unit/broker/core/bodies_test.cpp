#include "broker/core/bodies.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

constexpr std::size_t payload_bytes = 1'000;

Settings room_for(std::size_t bodies) {
    Settings settings;
    settings.bodies_here_bytes_max = bodies * payload_bytes;
    return settings;
}

SharedBytes payload_of(std::uint64_t task) {
    return SharedBytes::copy_of(std::string(payload_bytes, static_cast<char>('a' + task % 26)));
}

// Tasks with payloads that can be told from each other, accepted one by one.
struct Backlog : TestBroker {
    explicit Backlog(const Settings& settings) : TestBroker(settings) { hello(test_client); }
    Backlog(const Backlog& former, const Settings& settings) : TestBroker(former, 1s, settings) {
        hello(test_client);
    }

    void accept(std::uint64_t first, std::uint64_t last, const TaskOptions& options = {},
                const std::string& queue = "default") {
        for (std::uint64_t task = first; task <= last; ++task) {
            protocol::Submit submit{"sum", queue, options, {}};
            submit.tasks.push_back({task_id(task), {{}, payload_of(task)}});
            from_producer(test_client, submit);
        }
    }
    // The tasks that the worker was given and has completed since the last call, in order. All had
    // the payloads that they were submitted with.
    std::vector<std::uint64_t> run_given() {
        std::vector<std::uint64_t> order;
        for (const auto& dispatch : take<protocol::Dispatch>(test_worker)) {
            for (const auto& group : dispatch.groups) {
                for (const auto& work : group.tasks) {
                    const std::uint64_t task = number_of(work.lease.task);
                    CHECK(work.body.payload == payload_of(task));
                    order.push_back(task);
                    complete(test_worker, work.lease);
                }
            }
        }
        return order;
    }
    // All that there are, in a worker with one slot that joins for it.
    std::vector<std::uint64_t> run_all() {
        join(test_worker, 1, {"sum"});
        return run_rest();
    }
    std::vector<std::uint64_t> run_rest() {
        std::vector<std::uint64_t> order;
        while (true) {
            const std::vector<std::uint64_t> given = run_given();
            if (given.empty()) {
                return order;
            }
            order.insert(order.end(), given.begin(), given.end());
        }
    }
};

std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t number = first; number <= last; ++number) {
        all.push_back(number);
    }
    return all;
}

}  // namespace

TEST_CASE("bodies beyond the room in memory are read when their turn comes, in order") {
    Backlog broker(room_for(10));
    broker.accept(1, 30);
    CHECK(broker.queue().bytes == 30 * payload_bytes);
    CHECK(broker.run_all() == numbers(1, 30));
    CHECK(broker.bodies_read() > 0);
    CHECK(broker.queue().bytes == 0);
}

TEST_CASE("nothing is read while all bodies have room") {
    Backlog broker(room_for(40));
    broker.accept(1, 30);
    CHECK(broker.run_all() == numbers(1, 30));
    CHECK(broker.bodies_read() == 0);
}

TEST_CASE("a body stays in memory until its record is durable") {
    Backlog broker(room_for(0));
    broker.hold_journal();
    broker.accept(1, 3);
    CHECK(broker.run_all() == numbers(1, 3));
    CHECK(broker.bodies_read() == 0);
}

TEST_CASE("only bodies whose records are durable are put away") {
    Backlog broker(room_for(0));
    broker.hold_journal();
    broker.accept(1, 4);
    broker.sync_all_but(2);  // TestBroker gives out nothing that is not durable
    CHECK(broker.run_all() == numbers(1, 4));
    CHECK(broker.bodies_read() == 2);
}

TEST_CASE("a task that is given back may be put away though nothing new becomes durable") {
    constexpr SessionId first_worker = 11;
    Backlog broker(room_for(0));
    broker.join(first_worker, 1, {"sum"});
    broker.accept(1, 1);
    CHECK(broker.take_leases(first_worker).size() == 1);
    CHECK(broker.bodies_read() == 0);
    broker.from_worker(first_worker, protocol::Goodbye{});
    CHECK(broker.run_all() == numbers(1, 1));
    CHECK(broker.bodies_read() == 1);
}

TEST_CASE("order holds over queues whose bodies are away") {
    Backlog broker(room_for(0));
    broker.accept(1, 5);
    broker.accept(6, 9, {}, "urgent");
    broker.accept(10, 12);
    CHECK(broker.run_all() == numbers(1, 12));
}

TEST_CASE("a task that is cancelled while its body is away ends, and the others go on") {
    Backlog broker(room_for(0));
    broker.accept(1, 4);
    broker.cancel(test_client, 2);
    CHECK(broker.row(2).state == TaskState::cancelled);
    CHECK(broker.queue().bytes == 3 * payload_bytes);
    CHECK(broker.run_all() == std::vector<std::uint64_t>{1, 3, 4});
}

TEST_CASE("bodies of tasks without records stay in memory") {
    Backlog broker(room_for(0));
    TaskOptions options;
    options.durability = Durability::memory;
    broker.accept(1, 5, options);
    CHECK(broker.run_all() == numbers(1, 5));
    CHECK(broker.bodies_read() == 0);
}

TEST_CASE("a restart keeps no more bodies in memory than there is room, and loses none") {
    Backlog first(room_for(100));
    first.accept(1, 30);
    Backlog second(first, room_for(10));
    CHECK(second.run_all() == numbers(1, 30));
    CHECK(second.bodies_read() > 0);
}

TEST_CASE("a dead task's body gets into the archive from wherever it is") {
    Settings settings = room_for(0);
    settings.archive = true;
    Backlog broker(settings);
    broker.join(test_worker, 1, {"another"});
    broker.accept(7, 8);
    broker.pass(settings.no_handler_grace * 3);
    REQUIRE(broker.row(7).state == TaskState::dead);
    REQUIRE(broker.archived().size() == 2);
    CHECK(broker.archived()[0].body_in > 0);
    CHECK(broker.archived()[0].task.body.payload == payload_of(7));
    CHECK(broker.archived()[1].task.body.payload == payload_of(8));
}

TEST_CASE("a task that waits for another attempt may be put away, and comes back whole") {
    Backlog broker(room_for(0));
    broker.accept(1, 1);
    broker.join(test_worker, 1, {"sum"});
    const auto leases = broker.take_leases(test_worker);
    REQUIRE(leases.size() == 1);
    const std::size_t before = broker.bodies_read();
    broker.fail(test_worker, leases[0], ErrorCode::failed);
    broker.accept(2, 2);  // what has been put away is put away when something becomes durable
    broker.pass(5s);
    CHECK(broker.run_rest() == std::vector<std::uint64_t>{2, 1});
    CHECK(broker.bodies_read() > before);
}

TEST_CASE("what is carried forward is carried with its body") {
    Settings settings = room_for(0);
    settings.journal_slack_bytes = 0;
    settings.finished_tasks_max = 3;
    Backlog broker(settings);
    broker.accept(1, 3);
    // Others come and go until the journal is too large for the three.
    for (std::uint64_t task = 100; task < 200; ++task) {
        protocol::Submit submit{"other", "default", {}, {}};
        submit.tasks.push_back({task_id(task), {{}, payload_of(task)}});
        broker.from_producer(test_client, submit);
        broker.cancel(test_client, task);
    }
    CHECK(broker.trimmed() > 3);
    CHECK(broker.run_all() == numbers(1, 3));
}

}  // namespace penstock::broker
