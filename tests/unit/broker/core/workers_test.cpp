#include "broker/core/workers.hpp"

#include <set>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace std::chrono_literals;
using test::join_of;

// Workers over one lane each of the types "tiny" and "long" (cpu) and "idle" (wait).
struct Crew {
    Settings settings;
    Lanes lanes;
    TaskTable tasks;
    Workers workers{settings};
    Instant now{TimePoint{1h}, 1'000};
    LaneIndex tiny = lane("tiny");
    LaneIndex slow = lane("long");
    LaneIndex idle = lane("idle");
    std::uint64_t made = 0;

    LaneIndex lane(const std::string& type, const std::string& queue = "default") {
        const LaneIndex index = lanes.intern(type, queue, 99).value();
        workers.connect_lane(index, lanes);
        return index;
    }
    void measured(LaneIndex index, std::chrono::microseconds average) {
        lanes.type_of(index).measured = true;
        lanes.type_of(index).average_us = static_cast<double>(average.count());
    }
    protocol::Join everything(std::uint64_t number, std::uint32_t cpu, std::uint32_t wait) {
        protocol::Join join = join_of(number, cpu, {"tiny", "long"});
        join.types.push_back({"idle", SlotClass::wait});
        join.slots[1] = wait;
        return join;
    }
    WorkerIndex add(std::uint64_t number, std::uint32_t cpu = 1, std::uint32_t wait = 0) {
        return workers.add(everything(number, cpu, wait), number, now, lanes);
    }
    WorkerIndex choose(LaneIndex index) {
        return workers.choose(lanes[index], lanes.type_of(index));
    }
    SlotClass class_of(LaneIndex index) const {
        return index == idle ? SlotClass::wait : SlotClass::cpu;
    }
    // A lease of a new task of this lane; no_index if nobody has room.
    TaskIndex take(LaneIndex index) {
        const WorkerIndex worker = choose(index);
        return worker == no_index ? no_index : take_on(index, worker);
    }
    TaskIndex take_on(LaneIndex index, WorkerIndex worker) {
        const TaskIndex task = tasks.add(test::task_id(++made));
        tasks[task].lane = index;
        const TypeInfo& type = lanes.type_of(index);
        tasks[task].edit_last().estimate_us =
            type.measured ? static_cast<std::uint32_t>(type.average_us) : 4'000'000'000;
        workers.take(worker, class_of(index), task, tasks, now.steady);
        return task;
    }
    void release(TaskIndex task) { workers.release(task, class_of(tasks[task].lane), tasks); }
    WorkerIndex holder(TaskIndex task) { return tasks[task].last().worker; }
};

}  // namespace

TEST_CASE("the slot that has been free the longest is used first") {
    Crew crew;
    const WorkerIndex a = crew.add(1);
    const WorkerIndex b = crew.add(2);
    const WorkerIndex c = crew.add(3);
    const TaskIndex first = crew.take(crew.slow);
    const TaskIndex second = crew.take(crew.slow);
    CHECK(crew.holder(first) == a);
    CHECK(crew.holder(second) == b);
    crew.release(second);
    crew.release(first);
    CHECK(crew.holder(crew.take(crew.slow)) == c);
    CHECK(crew.holder(crew.take(crew.slow)) == b);
    CHECK(crew.holder(crew.take(crew.slow)) == a);
    CHECK(crew.choose(crew.slow) == no_index);
}

TEST_CASE("the longest free slot is found across pools of different workers") {
    Crew crew;
    const WorkerIndex all = crew.add(1);
    const WorkerIndex only_tiny =
        crew.workers.add(join_of(2, 1, {"tiny"}), 2, crew.now, crew.lanes);
    const TaskIndex first = crew.take(crew.tiny);
    CHECK(crew.holder(first) == all);
    crew.release(first);
    CHECK(crew.choose(crew.tiny) == only_tiny);
    CHECK(crew.choose(crew.slow) == all);
}

TEST_CASE("a slot of one class never runs a type of the other") {
    Crew crew;
    crew.add(1, 1, 2);
    CHECK(crew.take(crew.idle) != no_index);
    CHECK(crew.take(crew.idle) != no_index);
    CHECK(crew.take(crew.idle) == no_index);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
}

TEST_CASE("a worker gets only queues that it serves") {
    Crew crew;
    const LaneIndex night = crew.lane("tiny", "night");
    protocol::Join join = join_of(1, 1, {"tiny"});
    join.queues = {"night"};
    const WorkerIndex worker = crew.workers.add(join, 1, crew.now, crew.lanes);
    CHECK(crew.choose(crew.tiny) == no_index);
    CHECK(crew.choose(night) == worker);
    CHECK(crew.choose(crew.lane("tiny", "other")) == no_index);
}

TEST_CASE("at most 2 ms of work wait in a process, judged by the type's average") {
    Crew crew;
    crew.add(1);
    crew.measured(crew.tiny, 100us);
    std::set<TaskIndex> taken;
    for (TaskIndex task = crew.take(crew.tiny); task != no_index; task = crew.take(crew.tiny)) {
        REQUIRE(taken.size() < 100);
        taken.insert(task);
    }
    CHECK(taken.size() == 20);
    crew.release(*taken.begin());
    CHECK(crew.take(crew.tiny) != no_index);
    CHECK(crew.take(crew.tiny) == no_index);
}

TEST_CASE("even tasks that take no time wait in limited numbers") {
    Crew crew;
    crew.settings.waiting_leases_max = 7;
    crew.workers = Workers(crew.settings);
    crew.add(1, 2);
    crew.measured(crew.tiny, 0us);
    int taken = 0;
    while (crew.take(crew.tiny) != no_index) {
        REQUIRE(++taken < 100);
    }
    CHECK(taken == 2 + 7);
}

TEST_CASE("a type that has not been measured never waits") {
    Crew crew;
    crew.add(1, 2);
    CHECK(crew.take(crew.tiny) != no_index);
    CHECK(crew.take(crew.tiny) != no_index);
    CHECK(crew.take(crew.tiny) == no_index);
}

TEST_CASE("nothing waits behind a long task, nor behind one of unknown length") {
    Crew crew;
    crew.add(1);
    crew.measured(crew.tiny, 10us);
    SECTION("long") {
        crew.measured(crew.slow, 1s);
    }
    SECTION("unknown") {}
    const TaskIndex running = crew.take(crew.slow);
    CHECK(crew.take(crew.tiny) == no_index);
    crew.release(running);
    CHECK(crew.take(crew.tiny) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
}

TEST_CASE("a long type that finds no room leaves the credit to the short ones") {
    Crew crew;
    crew.add(1);
    crew.measured(crew.tiny, 10us);
    REQUIRE(crew.take(crew.tiny) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
    crew.measured(crew.slow, 3ms);
    CHECK(crew.take(crew.slow) == no_index);
    CHECK(crew.take(crew.tiny) != no_index);
}

TEST_CASE("waiting work goes round among the workers") {
    Crew crew;
    crew.add(1);
    crew.add(2);
    crew.add(3);
    crew.measured(crew.tiny, 100us);
    for (int n = 0; n < 9; ++n) {
        REQUIRE(crew.take(crew.tiny) != no_index);
    }
    for (const Worker& worker : crew.workers.all()) {
        CHECK(worker.leases[0] == 3);
    }
}

TEST_CASE("who drains, is out of reach or is kept for a suspect gets nothing") {
    Crew crew;
    const WorkerIndex worker = crew.add(1, 2);
    crew.measured(crew.tiny, 10us);
    const TaskIndex running = crew.take(crew.tiny);
    SECTION("draining") {
        crew.workers.drain(worker);
    }
    SECTION("unreachable") {
        crew.workers.disconnect(worker);
    }
    SECTION("kept for a suspect") {
        crew.workers.keep_for(worker, running);
    }
    CHECK(crew.choose(crew.tiny) == no_index);
    crew.release(running);
    CHECK(crew.choose(crew.tiny) == no_index);
}

TEST_CASE("a worker that is resumed offers exactly its free slots") {
    Crew crew;
    const WorkerIndex worker = crew.add(1, 3);
    const TaskIndex running = crew.take(crew.slow);
    crew.workers.keep_for(worker, running);
    crew.workers.resume(worker);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
    crew.release(running);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
}

TEST_CASE("a worker that is back on another session keeps its leases and offers the rest") {
    Crew crew;
    const WorkerIndex worker = crew.add(1, 2);
    const TaskIndex running = crew.take(crew.slow);
    SECTION("its loss was noticed") {
        crew.workers.disconnect(worker);
    }
    SECTION("it is back before anybody noticed") {}
    crew.workers.reconnect(worker, 77);
    CHECK(crew.workers[worker].session == 77);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
    crew.release(running);
    CHECK(crew.take(crew.slow) != no_index);
}

TEST_CASE("a worker that drains still drains after a reconnect") {
    Crew crew;
    const WorkerIndex worker = crew.add(1);
    crew.workers.drain(worker);
    crew.workers.disconnect(worker);
    crew.workers.reconnect(worker, 77);
    CHECK(crew.choose(crew.tiny) == no_index);
}

TEST_CASE("slots of a worker that has gone are not given to its successor's position") {
    Crew crew;
    const WorkerIndex gone = crew.add(1, 5);
    crew.workers.remove(gone, crew.lanes);
    CHECK(crew.choose(crew.slow) == no_index);
    CHECK(crew.workers.find(test::worker_id(1)) == no_index);
    const WorkerIndex next = crew.add(2, 1);
    CHECK(next == gone);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
}

TEST_CASE("the leases of a worker are a list, oldest first, whichever ends first") {
    Crew crew;
    const WorkerIndex worker = crew.add(1, 4);
    std::vector<TaskIndex> taken;
    for (int n = 0; n < 4; ++n) {
        taken.push_back(crew.take(crew.slow));
    }
    crew.release(taken[1]);
    crew.release(taken[3]);
    CHECK(crew.workers[worker].first_lease == taken[0]);
    CHECK(crew.tasks[taken[0]].last().next_lease == taken[2]);
    CHECK(crew.tasks[taken[2]].last().previous_lease == taken[0]);
    CHECK(crew.workers[worker].last_lease == taken[2]);
    crew.release(taken[0]);
    crew.release(taken[2]);
    CHECK(crew.workers[worker].first_lease == no_index);
    CHECK(crew.workers[worker].last_lease == no_index);
    CHECK(crew.workers[worker].estimated_us[0] == 0);
}

TEST_CASE("a pool ends with its last worker, and its place is used again") {
    Crew crew;
    for (std::uint64_t n = 1; n <= 50; ++n) {
        protocol::Join join = join_of(n, 1, {"tiny"});
        join.queues = {"default", "queue " + std::to_string(n)};
        const WorkerIndex worker = crew.workers.add(join, n, crew.now, crew.lanes);
        CHECK(crew.lanes[crew.tiny].pools.size() == 1);
        CHECK(crew.choose(crew.tiny) == worker);
        CHECK(crew.choose(crew.lane("tiny", "queue " + std::to_string(n - 1))) == no_index);
        CHECK(crew.choose(crew.lane("tiny", "queue " + std::to_string(n))) == worker);
        crew.workers.remove(worker, crew.lanes);
        CHECK(crew.lanes[crew.tiny].pools.empty());
        CHECK(crew.choose(crew.tiny) == no_index);
    }
    const WorkerIndex last = crew.add(99);
    CHECK(crew.workers[last].pool == 0);
}

TEST_CASE("a worker whose connection breaks again and again leaves no void slots behind") {
    Crew crew;
    const WorkerIndex worker = crew.add(1, 2);
    for (std::uint64_t session = 100; session < 200; ++session) {
        crew.workers.disconnect(worker);
        crew.workers.reconnect(worker, session);
    }
    const Pool::Class& offers = crew.workers.pool_of(worker).classes[0];
    CHECK(offers.free.size() <= 4);
    CHECK(offers.credit.size() <= 2);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) != no_index);
    CHECK(crew.take(crew.slow) == no_index);
}

TEST_CASE("a large body goes to a worker that can read it where it lies, if one is free") {
    Crew crew;
    const auto add_at = [&](std::uint64_t number, const std::string& domain) {
        protocol::Join join = crew.everything(number, 1, 0);
        join.memory = protocol::Memory{domain, "segment", 7, 1};
        return crew.workers.add(join, number, crew.now, crew.lanes);
    };
    const WorkerIndex far = add_at(1, "far");
    const WorkerIndex near = add_at(2, "near");
    const auto choose = [&](const std::string& domain) {
        return crew.workers.choose(crew.lanes[crew.tiny], crew.lanes.type_of(crew.tiny),
                                   domain_of(protocol::Memory{domain, "segment", 7, 1}));
    };
    CHECK(crew.choose(crew.tiny) == far);  // free for longer
    CHECK(choose("near") == near);
    CHECK(choose("elsewhere") == far);
    crew.take_on(crew.tiny, near);
    // Its slot is not offered twice.
    CHECK(choose("near") == far);
    crew.take_on(crew.tiny, far);
    CHECK(choose("near") == no_index);
}

}  // namespace penstock::broker
