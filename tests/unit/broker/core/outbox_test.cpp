#include "broker/core/outbox.hpp"

#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace std::chrono_literals;
using test::number_of;
using test::task_id;
constexpr SessionId peer = 5;

// An outbox with a table of finished tasks.
struct Post {
    Settings settings;
    TaskTable tasks;
    Outbox outbox{settings};

    explicit Post(const Settings& chosen = {}) : settings(chosen), outbox(chosen) {
        outbox.begin(Epoch{7});
    }

    void finished(std::uint64_t number, std::size_t output_bytes = 0) {
        const TaskIndex index = tasks.add(task_id(number));
        tasks[index].apply(Trigger::dispatch);
        tasks[index].apply(Trigger::complete);
        tasks[index].edit_last().output =
            KeptBody({SharedBytes::copy_of(std::string(output_bytes, 'x')), {}});
    }
    void promise(Sequence sequence, Promise::Kind kind, std::uint64_t task) {
        outbox.promise({sequence, peer, kind, task_id(task)});
    }
    std::vector<protocol::Message> flush() {
        Effects effects;
        outbox.flush(tasks, effects);
        std::vector<protocol::Message> messages;
        for (Outgoing& outgoing : effects.sends) {
            CHECK(outgoing.session == peer);
            messages.push_back(std::move(outgoing.message));
        }
        return messages;
    }
    void give(std::uint64_t task, const std::string& type, std::size_t body_bytes = 0) {
        Body body{SharedBytes::copy_of(std::string(body_bytes, 'x')), {}};
        outbox.give(peer, type, "default", 1s, {{task_id(task), Epoch{7}, 1, 0}, body});
    }
};

std::vector<std::size_t> counts_of_results(const std::vector<protocol::Message>& messages) {
    std::vector<std::size_t> counts;
    for (const protocol::Message& message : messages) {
        counts.push_back(std::get<protocol::ResultBatch>(message).results.size());
    }
    return counts;
}

std::size_t count_of_tasks(const protocol::Message& message) {
    std::size_t count = 0;
    for (const auto& group : std::get<protocol::Dispatch>(message).groups) {
        count += group.tasks.size();
    }
    return count;
}

}  // namespace

TEST_CASE("a promise is held back until its record is durable") {
    Post post;
    post.finished(1);
    post.promise(3, Promise::Kind::receipt, 1);
    post.promise(4, Promise::Kind::result, 1);
    CHECK(post.flush().empty());
    post.outbox.became_durable(2);
    CHECK(post.flush().empty());
    post.outbox.became_durable(3);
    const auto first = post.flush();
    REQUIRE(first.size() == 1);
    CHECK(std::holds_alternative<protocol::Receipt>(first[0]));
    post.outbox.became_durable(4);
    const auto second = post.flush();
    REQUIRE(second.size() == 1);
    CHECK(std::holds_alternative<protocol::ResultBatch>(second[0]));
    CHECK(post.flush().empty());
}

TEST_CASE("a promise about what is durable already waits for nothing") {
    Post post;
    post.outbox.became_durable(9);
    post.promise(9, Promise::Kind::receipt, 1);
    CHECK(post.flush().size() == 1);
}

TEST_CASE("a session hears of the receipt before the result, and of work last") {
    Post post;
    post.finished(1);
    post.give(2, "sum");
    post.promise(1, Promise::Kind::result, 1);
    post.promise(1, Promise::Kind::settled, 1);
    post.promise(1, Promise::Kind::cancelling, 1);
    post.promise(1, Promise::Kind::receipt, 1);
    post.outbox.stop(peer, {});
    post.outbox.recall(peer, {});
    post.outbox.say(peer, protocol::Welcome{});
    post.outbox.became_durable(1);
    std::vector<std::size_t> kinds;
    for (const protocol::Message& message : post.flush()) {
        kinds.push_back(message.index());
    }
    const auto kind = [](protocol::Message message) { return message.index(); };
    CHECK(kinds == std::vector<std::size_t>{kind(protocol::Welcome{}), kind(protocol::Receipt{}),
                                            kind(protocol::Cancelling{}),
                                            kind(protocol::ResultBatch{}),
                                            kind(protocol::Settled{}), kind(protocol::Dispatch{}),
                                            kind(protocol::Recall{}), kind(protocol::Stop{})});
}

TEST_CASE("ids are cut into batches of the largest allowed size") {
    Settings settings;
    settings.batch_max = 4;
    Post post(settings);
    for (std::uint64_t n = 1; n <= 10; ++n) {
        post.promise(n, Promise::Kind::receipt, n);
    }
    post.outbox.became_durable(10);
    const auto messages = post.flush();
    REQUIRE(messages.size() == 3);
    std::vector<std::uint64_t> numbers;
    for (const protocol::Message& message : messages) {
        const auto& receipt = std::get<protocol::Receipt>(message);
        CHECK(receipt.ids.size() <= 4);
        CHECK(receipt.durability == Durability::disk);
        for (const TaskId& id : receipt.ids) {
            numbers.push_back(number_of(id));
        }
    }
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("results are cut by number, by bytes and by what fits into a header frame") {
    Settings settings;
    std::size_t output_bytes = 0;
    std::vector<std::size_t> expected;
    SECTION("number") {
        settings.batch_max = 2;
        expected = {2, 2, 1};
    }
    SECTION("bytes") {
        output_bytes = 100'000;
        settings.batch_bytes_max = 399'999;
        expected = {3, 2};
    }
    SECTION("one that is too large for any batch travels alone") {
        output_bytes = 100'000;
        settings.batch_bytes_max = 50'000;
        expected = {1, 1, 1, 1, 1};
    }
    SECTION("small bodies travel inside the header frame") {
        output_bytes = 60'000;
        settings.header_bytes_max = 200'000;
        expected = {3, 2};
    }
    Post post(settings);
    for (std::uint64_t n = 1; n <= 5; ++n) {
        post.finished(n, output_bytes);
        post.promise(n, Promise::Kind::result, n);
    }
    post.outbox.became_durable(5);
    CHECK(counts_of_results(post.flush()) == expected);
}

TEST_CASE("tasks of one type, queue and time limit travel in one group") {
    Post post;
    post.give(1, "sum");
    post.give(2, "sum");
    post.give(3, "lcg");
    post.give(4, "sum");
    const auto messages = post.flush();
    REQUIRE(messages.size() == 1);
    const auto& dispatch = std::get<protocol::Dispatch>(messages[0]);
    CHECK(dispatch.epoch == Epoch{7});
    REQUIRE(dispatch.groups.size() == 3);
    CHECK(dispatch.groups[0].tasks.size() == 2);
    CHECK(dispatch.groups[1].type == "lcg");
    CHECK(dispatch.groups[0].time_limit == 1s);
}

TEST_CASE("work is cut by number, by bytes and by what fits into a header frame") {
    Settings settings;
    std::size_t body_bytes = 0;
    SECTION("number") {
        settings.batch_max = 2;
    }
    SECTION("bytes") {
        body_bytes = 100'000;
        settings.batch_bytes_max = 200'000;
    }
    SECTION("header frame") {
        body_bytes = 60'000;
        settings.header_bytes_max = 125'000;
    }
    Post post(settings);
    for (std::uint64_t n = 1; n <= 5; ++n) {
        post.give(n, n == 2 ? "lcg" : "sum", body_bytes);
    }
    const auto messages = post.flush();
    REQUIRE(messages.size() == 3);
    CHECK(count_of_tasks(messages[0]) == 2);
    CHECK(count_of_tasks(messages[1]) == 2);
    CHECK(count_of_tasks(messages[2]) == 1);
}

TEST_CASE("a result whose task has been forgotten meanwhile becomes a refusal") {
    Post post;
    post.promise(1, Promise::Kind::result, 1);
    SECTION("forgotten") {}
    SECTION("forgotten and submitted again") {
        post.tasks.add(task_id(1));
    }
    post.outbox.became_durable(1);
    const auto messages = post.flush();
    REQUIRE(messages.size() == 1);
    const auto& refusal = std::get<protocol::Refusal>(messages[0]);
    CHECK(refusal.error.code == ErrorCode::result_expired);
    CHECK(refusal.ids == std::vector{task_id(1)});
}

TEST_CASE("a result is that of the promised task, wherever the task was thought to be") {
    Post post;
    post.finished(1);
    post.finished(2);
    Promise promise{1, peer, Promise::Kind::result, task_id(2)};
    promise.task = GENERATE(TaskIndex{0}, TaskIndex{1}, TaskIndex{2}, no_index);
    post.outbox.promise(promise);
    post.outbox.became_durable(1);
    const auto messages = post.flush();
    REQUIRE(messages.size() == 1);
    CHECK(std::get<protocol::ResultBatch>(messages[0]).results.at(0).id == task_id(2));
}

TEST_CASE("sessions that are spoken to in turns each hear their own") {
    Post post;
    constexpr SessionId other = peer + 1;
    for (std::uint64_t number = 1; number <= 4; ++number) {
        post.outbox.promise({0, number % 2 == 0 ? other : peer, Promise::Kind::receipt,
                             task_id(number)});
    }
    post.outbox.forget(other);
    post.outbox.promise({0, other, Promise::Kind::receipt, task_id(6)});
    Effects effects;
    post.outbox.flush(post.tasks, effects);
    std::map<SessionId, std::vector<TaskId>> heard;
    for (const Outgoing& outgoing : effects.sends) {
        heard[outgoing.session] = std::get<protocol::Receipt>(outgoing.message).ids;
    }
    CHECK(heard[peer] == std::vector{task_id(1), task_id(3)});
    // What has been promised is said when the turn ends, to whoever is there then.
    CHECK(heard[other] == std::vector{task_id(2), task_id(4), task_id(6)});
}

TEST_CASE("what was to be said to a session that ended is dropped") {
    Post post;
    post.outbox.say(peer, protocol::Welcome{});
    post.give(1, "sum");
    post.outbox.forget(peer);
    CHECK(post.flush().empty());
}

}  // namespace penstock::broker
