#include "broker/core/task_table.hpp"

#include <cstring>
#include <set>

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

TEST_CASE("ids that were made to collide do not") {
    // All the same under head * K ^ tail, the obvious way to hash an id.
    constexpr std::uint64_t factor = 0x9E3779B97F4A7C15ULL;
    std::set<std::size_t> hashes;
    constexpr std::uint64_t count = 1'000;
    for (std::uint64_t head = 1; head <= count; ++head) {
        const std::uint64_t tail = head * factor;
        TaskId id;
        std::memcpy(id.bytes.data(), &head, sizeof head);
        std::memcpy(id.bytes.data() + sizeof head, &tail, sizeof tail);
        hashes.insert(KeyedHash{4711}(id) % 65'537);
        CHECK(KeyedHash{1}(id) != KeyedHash{2}(id));
    }
    CHECK(hashes.size() > count * 95 / 100);
}

TEST_CASE("who remembers where a task was finds it there, or wherever it is now") {
    TaskTable tasks;
    const TaskIndex one = tasks.add(task_id(1));
    const TaskIndex two = tasks.add(task_id(2));
    CHECK(tasks.is_at(one, task_id(1)));
    CHECK_FALSE(tasks.is_at(one, task_id(2)));
    CHECK_FALSE(tasks.is_at(tasks.capacity(), task_id(1)));
    CHECK_FALSE(tasks.is_at(no_index, task_id(1)));
    CHECK(tasks.find_at(one, task_id(1)) == one);
    CHECK(tasks.find_at(one, task_id(2)) == two);
    CHECK(tasks.find_at(no_index, task_id(2)) == two);
    CHECK(tasks.find_at(one, task_id(3)) == no_index);

    tasks.remove(one);
    CHECK_FALSE(tasks.is_at(one, task_id(1)));
    CHECK_FALSE(tasks.is_at(one, TaskId{}));
    CHECK(tasks.find_at(one, task_id(1)) == no_index);
    CHECK(tasks.add(task_id(3)) == one);
    CHECK(tasks.find_at(one, task_id(1)) == no_index);
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
