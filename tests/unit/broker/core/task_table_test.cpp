#include "broker/core/task_table.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using test::task_id;

}  // namespace

TEST_CASE("a task is found by its id, at a position that stays") {
    TaskTable tasks;
    const TaskIndex one = tasks.add(task_id(1));
    Task* const address = &tasks[one];
    for (std::uint64_t number = 2; number < 5'000; ++number) {
        tasks.add(task_id(number));
    }
    CHECK(tasks.find(task_id(1)) == one);
    CHECK(&tasks[one] == address);
    CHECK(tasks.find(task_id(9'999)) == no_index);
    CHECK(tasks.size() == 4'999);
}

TEST_CASE("the position of a removed task is given to another, which starts afresh") {
    TaskTable tasks;
    const TaskIndex one = tasks.add(task_id(1));
    tasks[one].apply(Trigger::dispatch);
    tasks[one].suspect = true;
    tasks.remove(one);
    CHECK_FALSE(tasks.used(one));
    CHECK(tasks.find(task_id(1)) == no_index);

    CHECK(tasks.add(task_id(2)) == one);
    CHECK(tasks[one].state() == TaskState::queued);
    CHECK_FALSE(tasks[one].suspect);
    CHECK(tasks.capacity() == 1);
}

}  // namespace penstock::broker
