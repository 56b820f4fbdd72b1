#include "broker/core/deadline_queue.hpp"

#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

using namespace std::chrono_literals;
constexpr TimePoint start{1h};

Deadline wake(Duration after, TaskIndex task) {
    return {start + after, Deadline::Kind::wake_task, task, 0};
}

}  // namespace

TEST_CASE("deadlines come due in order of time, whatever the order of adding") {
    DeadlineQueue queue;
    for (const int seconds : {5, 1, 4, 2, 3}) {
        queue.add(wake(seconds * 1s, static_cast<TaskIndex>(seconds)));
    }
    for (const TaskIndex expected : {1U, 2U, 3U, 4U, 5U}) {
        const auto due = queue.pop_due(start + 1h);
        REQUIRE(due.has_value());
        CHECK(due->index == expected);
    }
    CHECK_FALSE(queue.pop_due(start + 1h).has_value());
}

TEST_CASE("a deadline is due at its time, and not before") {
    DeadlineQueue queue;
    CHECK_FALSE(queue.next().has_value());
    queue.add(wake(10ms, 1));
    CHECK(queue.next() == start + 10ms);
    CHECK_FALSE(queue.pop_due(start + 10ms - 1ns).has_value());
    CHECK(queue.pop_due(start + 10ms).has_value());
    CHECK_FALSE(queue.next().has_value());
}

TEST_CASE("void deadlines are removed when they are more than half of all") {
    DeadlineQueue queue;
    for (TaskIndex task = 9; task > 0; --task) {
        queue.add(wake(task * 1s, task));
    }
    const auto is_odd = [](const Deadline& deadline) { return deadline.index % 2 == 1; };
    for (int n = 0; n < 4; ++n) {
        queue.note_void(is_odd);
    }
    CHECK(queue.size() == 9);
    queue.note_void(is_odd);
    CHECK(queue.size() == 5);
    for (const TaskIndex expected : {1U, 3U, 5U, 7U, 9U}) {
        CHECK(queue.pop_due(start + 1h).value().index == expected);
    }
}

}  // namespace penstock::broker
