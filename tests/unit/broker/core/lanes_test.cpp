#include "broker/core/lanes.hpp"

#include <set>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

// A lane with tasks whose numbers are their tickets.
struct OneLane {
    TaskTable tasks;
    Lane lane;

    TaskIndex add(std::uint64_t ticket) {
        const TaskIndex index = tasks.add(test::task_id(ticket));
        tasks[index].ticket = ticket;
        lane.push(index, ticket);
        return index;
    }
    std::vector<std::uint64_t> drain() {
        std::vector<std::uint64_t> tickets;
        while (const std::optional<TaskIndex> front = lane.front(tasks)) {
            tickets.push_back(tasks[*front].ticket);
            lane.pop();
        }
        return tickets;
    }
};

}  // namespace

TEST_CASE("a lane gives its tasks in the order in which they were accepted") {
    OneLane one;
    for (std::uint64_t ticket = 1; ticket <= 5; ++ticket) {
        one.add(ticket);
    }
    CHECK(one.drain() == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    CHECK_FALSE(one.lane.front(one.tasks).has_value());
}

TEST_CASE("tasks that come back find their old places, in whatever order they come") {
    OneLane one;
    std::vector<TaskIndex> taken;
    for (std::uint64_t ticket = 1; ticket <= 6; ++ticket) {
        taken.push_back(one.add(ticket));
    }
    for (int n = 0; n < 4; ++n) {
        REQUIRE(one.lane.front(one.tasks).has_value());
        one.lane.pop();
    }
    for (const std::size_t n : {2U, 0U, 3U}) {
        one.lane.push(taken[n], one.tasks[taken[n]].ticket);
    }
    one.add(7);
    CHECK(one.drain() == std::vector<std::uint64_t>{1, 3, 4, 5, 6, 7});
}

TEST_CASE("tasks that were cancelled while they waited are skipped") {
    OneLane one;
    const TaskIndex first = one.add(1);
    one.add(2);
    const TaskIndex third = one.add(3);
    one.tasks[first].apply(Trigger::cancel);
    one.tasks[third].apply(Trigger::cancel);
    CHECK(one.drain() == std::vector<std::uint64_t>{2});
}

TEST_CASE("an entry is void when its position has gone to another task") {
    OneLane one;
    const TaskIndex first = one.add(1);
    one.tasks.remove(first);
    CHECK(one.lane.front(one.tasks) == std::nullopt);
    one.lane.push(first, 1);
    const TaskIndex again = one.tasks.add(test::task_id(9));
    REQUIRE(again == first);
    one.tasks[again].ticket = 9;
    CHECK(one.lane.front(one.tasks) == std::nullopt);
}

TEST_CASE("suspects do not run out of a lane") {
    OneLane one;
    one.tasks[one.add(1)].suspect = true;
    one.add(2);
    CHECK(one.drain() == std::vector<std::uint64_t>{2});
}

TEST_CASE("a lane is one type in one queue, and keeps its position") {
    Lanes lanes;
    const LaneIndex a = lanes.intern("resize", "default", 10).value();
    const LaneIndex b = lanes.intern("resize", "night", 10).value();
    const LaneIndex c = lanes.intern("sum", "default", 10).value();
    CHECK(std::set{a, b, c}.size() == 3);
    CHECK(lanes.intern("resize", "default", 10) == a);
    CHECK(&lanes.type_of(a) == &lanes.type_of(b));
    CHECK(&lanes.queue_of(a) == &lanes.queue_of(c));
    CHECK(lanes.queue_of(b).name == "night");
}

TEST_CASE("no more lanes are made than allowed, and known ones are still found") {
    Lanes lanes;
    const LaneIndex a = lanes.intern("a", "default", 2).value();
    const LaneIndex b = lanes.intern("b", "default", 2).value();
    lanes[a].known_tasks = 1;
    lanes[b].known_tasks = 1;
    CHECK_FALSE(lanes.intern("c", "default", 2).has_value());
    CHECK(lanes.intern("a", "default", 2) == a);
    CHECK(lanes.queues().size() == 1);
    CHECK(lanes.types().size() == 2);
}

TEST_CASE("a lane without tasks makes room for another, names that nobody uses go with it") {
    Lanes lanes;
    const LaneIndex a = lanes.intern("a", "default", 2).value();
    const LaneIndex b = lanes.intern("b", "night", 2).value();
    lanes[a].known_tasks = 1;
    const LaneIndex c = lanes.intern("c", "default", 2).value();
    CHECK(c == b);
    CHECK(lanes.type_of(c).name == "c");
    CHECK(&lanes.queue_of(c) == &lanes.queue_of(a));
    CHECK_FALSE(lanes.find("b", "night").has_value());

    CHECK(lanes.intern("d", "dusk", 2) == c);
    CHECK(lanes.types().size() == 2);
    CHECK(lanes.queues().size() == 2);
    lanes[c].known_tasks = 1;
    CHECK_FALSE(lanes.intern("e", "default", 2).has_value());
}

TEST_CASE("a type that was offered stays known when its last lane goes") {
    Lanes lanes;
    const TypeIndex offered = lanes.offer_type("a");
    CHECK(lanes.offer_type("a") == offered);
    CHECK(lanes.offered_types() == 1);
    REQUIRE(lanes.intern("a", "default", 1) == 0U);
    REQUIRE(lanes.intern("b", "default", 1) == 0U);
    CHECK(lanes.is_offered("a"));
    CHECK_FALSE(lanes.is_offered("b"));
    CHECK(lanes.type(offered).name == "a");
}

TEST_CASE("cancelled tasks do not pile up behind one that waits") {
    OneLane one;
    one.add(1);
    for (std::uint64_t ticket = 2; ticket < 1'000; ++ticket) {
        const TaskIndex task = one.add(ticket);
        one.tasks[task].apply(Trigger::cancel);
        one.lane.note_void(one.tasks);
    }
    CHECK(one.lane.size() <= 3);
    one.add(1'000);
    CHECK(one.drain() == std::vector<std::uint64_t>{1, 1'000});
}

TEST_CASE("those that came back keep their order when void ones are removed") {
    OneLane one;
    std::vector<TaskIndex> taken;
    for (std::uint64_t ticket = 1; ticket <= 8; ++ticket) {
        taken.push_back(one.add(ticket));
        one.lane.pop();
    }
    one.add(9);
    for (const std::size_t n : {6U, 3U, 7U, 0U, 4U, 1U, 5U, 2U}) {
        one.lane.push(taken[n], one.tasks[taken[n]].ticket);
    }
    for (const std::size_t n : {0U, 2U, 4U, 6U, 7U}) {
        one.tasks[taken[n]].apply(Trigger::cancel);
        one.lane.note_void(one.tasks);
    }
    CHECK(one.lane.size() == 4);
    CHECK(one.drain() == std::vector<std::uint64_t>{2, 4, 6, 9});
}

TEST_CASE("a lane stands on the ready list once, until it is taken off") {
    Lanes lanes;
    const LaneIndex a = lanes.intern("a", "default", 9).value();
    const LaneIndex b = lanes.intern("b", "default", 9).value();
    lanes.mark_ready(a);
    lanes.mark_ready(b);
    lanes.mark_ready(a);
    CHECK(lanes.ready().size() == 2);
    lanes.unmark_ready(0);
    CHECK(lanes.ready() == std::vector<LaneIndex>{b});
    lanes.mark_ready(a);
    CHECK(lanes.ready().size() == 2);
}

}  // namespace penstock::broker
