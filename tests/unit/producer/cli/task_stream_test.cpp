#include "producer/cli/task_stream.hpp"

#include <atomic>
#include <csignal>
#include <future>
#include <map>

#include "tests/support/catch.hpp"
#include "tests/unit/producer/client/scripted_broker.hpp"

namespace penstock::cli {
namespace {

using client::NewTask;
using client::ScriptedBroker;

NewTask task() {
    return {client::new_task_id(), {}};
}

// A stream of these offers, whose ends are kept by index.
struct Story {
    explicit Story(std::vector<Offer> given) : offers(std::move(given)) {
        stream.submission = {"math.double", "default", {}};
        stream.next = [this]() -> Offer {
            return next < offers.size() ? offers.at(next++) : Offer(NoneLeft{});
        };
        stream.on_end = [this](std::size_t index, const TaskId&, Ending ending) {
            ends.emplace(index, std::move(ending));
        };
        stream.on_step = [](std::size_t) {};
    }
    // Runs beside the broker, which the test plays.
    std::future<Wake> start(std::optional<TimePoint> deadline = std::nullopt) {
        return std::async(std::launch::async, [this, deadline] {
            return run_stream(client, stream, deadline, interrupt);
        });
    }

    ScriptedBroker broker;
    client::Client client = std::move(*client::Client::create({.server = broker.endpoint()}));
    Interrupt interrupt;
    std::vector<Offer> offers;
    std::atomic<std::size_t> next = 0;  // the test looks while the stream runs
    TaskStream stream;
    std::map<std::size_t, Ending> ends;
};

TEST_CASE("a stream ends when every task has ended") {
    Story story({task(), task(), task()});
    story.stream.in_flight_max = 10;
    auto end = story.start();
    story.broker.greet();
    const protocol::Submit submit = story.broker.accept();
    REQUIRE(submit.tasks.size() == 3);
    story.broker.complete(submit);
    REQUIRE(end.get() == Wake::news);
    REQUIRE(story.ends.size() == 3);
    REQUIRE(std::holds_alternative<TaskResult>(story.ends.at(2)));
}

TEST_CASE("no more tasks are read than may be in flight") {
    Story story({task(), task(), task()});
    story.stream.in_flight_max = 2;
    auto end = story.start();
    story.broker.greet();
    protocol::Submit first = story.broker.accept();
    REQUIRE(first.tasks.size() == 2);
    REQUIRE(story.next == 2);
    first.tasks.pop_back();
    story.broker.complete(first);
    REQUIRE(story.broker.accept().tasks.size() == 1);
    REQUIRE(std::raise(SIGINT) == 0);
    REQUIRE(end.get() == Wake::interrupted);
    REQUIRE(story.interrupt.signal() == SIGINT);
    REQUIRE(std::holds_alternative<TaskResult>(story.ends.at(0)));
    REQUIRE(std::holds_alternative<Unfinished>(story.ends.at(1)));
    REQUIRE(std::holds_alternative<Unfinished>(story.ends.at(2)));
}

TEST_CASE("an offer that is no task ends at once and in its place") {
    Story story({task(), Error{ErrorCode::too_large, "too much"}, task()});
    story.stream.in_flight_max = 10;
    auto end = story.start();
    story.broker.greet();
    story.broker.complete(story.broker.accept());
    REQUIRE(end.get() == Wake::news);
    REQUIRE(std::get<Error>(story.ends.at(1)).message == "too much");
    REQUIRE(std::holds_alternative<TaskResult>(story.ends.at(0)));
    REQUIRE(std::holds_alternative<TaskResult>(story.ends.at(2)));
}

TEST_CASE("who only wants receipts does not wait for the ends") {
    Story story({task(), task()});
    story.stream.in_flight_max = 10;
    story.stream.interest = client::Interest::receipt;
    auto end = story.start();
    story.broker.greet();
    REQUIRE_FALSE(story.broker.accept().options.notify);
    REQUIRE(end.get() == Wake::news);
    REQUIRE(std::holds_alternative<client::Receipt>(story.ends.at(0)));
}

TEST_CASE("a stream ends at its deadline, whatever is missing") {
    Story story({task()});
    auto end = story.start(Instant::read().steady + std::chrono::milliseconds(50));
    REQUIRE(end.get() == Wake::timed_out);
    REQUIRE(std::holds_alternative<Unfinished>(story.ends.at(0)));
}

TEST_CASE("an endless input without one good task ends at its deadline, too") {
    Story story({});
    story.stream.next = [] { return Error{ErrorCode::malformed, "nonsense"}; };
    std::size_t errors = 0;
    story.stream.on_end = [&](std::size_t, const TaskId&, const Ending&) { ++errors; };
    auto end = story.start(Instant::read().steady + std::chrono::milliseconds(50));
    REQUIRE(end.get() == Wake::timed_out);
    REQUIRE(errors > 0);
}

TEST_CASE("a follow-up goes out as a task of the second kind, once it can be made") {
    Story story({task()});
    story.stream.in_flight_max = 10;
    story.stream.follow_up = {"math.sum", "default", {}};
    story.stream.next = [&story]() -> Offer {
        switch (story.next++) {
            case 0: return task();
            case 1: return NoneUntilEnd{};
            case 2: return FollowUp{task()};
            default: return NoneLeft{};
        }
    };
    auto end = story.start();
    story.broker.greet();
    const protocol::Submit first = story.broker.accept();
    REQUIRE(first.type == "math.double");
    story.broker.complete(first);
    const protocol::Submit second = story.broker.accept();
    REQUIRE(second.type == "math.sum");
    story.broker.complete(second);
    REQUIRE(end.get() == Wake::news);
    REQUIRE(story.ends.size() == 2);
}

TEST_CASE("input is not taken while the caller holds too many ends back") {
    Story story({task(), task(), task()});
    story.stream.in_flight_max = 1;
    story.stream.takes_more = [&] { return story.ends.empty(); };
    std::promise<void> held;
    story.stream.on_end = [&](std::size_t index, const TaskId&, Ending ending) {
        story.ends.emplace(index, std::move(ending));
        held.set_value();
    };
    auto end = story.start();
    story.broker.greet();
    story.broker.complete(story.broker.accept());
    held.get_future().wait();
    REQUIRE(std::raise(SIGINT) == 0);
    REQUIRE(end.get() == Wake::interrupted);
    REQUIRE(story.next == 1);
}

}  // namespace
}  // namespace penstock::cli
