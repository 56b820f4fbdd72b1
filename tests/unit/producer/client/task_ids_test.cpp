#include <array>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "common/model/time.hpp"
#include "producer/client/client.hpp"
#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

TEST_CASE("new ids carry the present time") {
    const std::int64_t before = Instant::read().unix_ms;
    const TaskId id = new_task_id();
    REQUIRE(created_unix_ms(id) >= before);
    REQUIRE(created_unix_ms(id) <= Instant::read().unix_ms);
}

TEST_CASE("ids of several threads are all different") {
    constexpr std::size_t each = 1000;
    std::vector<TaskId> mine(each);
    std::vector<TaskId> theirs(each);
    const auto fill = [](std::vector<TaskId>& ids) {
        for (TaskId& id : ids) {
            id = new_task_id();
        }
    };
    std::thread other([&] { fill(theirs); });
    fill(mine);
    other.join();
    std::set<TaskId> all(mine.begin(), mine.end());
    all.insert(theirs.begin(), theirs.end());
    REQUIRE(all.size() == 2 * each);
}

TEST_CASE("a forked child makes other ids than its parent") {
    static_cast<void>(new_task_id());
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    const TaskId id = new_task_id();
    if (child == 0) {
        ::_exit(::write(ends[1], id.bytes.data(), id.bytes.size()) == sizeof id.bytes ? 0 : 1);
    }
    ::close(ends[1]);
    TaskId of_child;
    REQUIRE(::read(ends[0], of_child.bytes.data(), of_child.bytes.size()) == sizeof of_child.bytes);
    ::close(ends[0]);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    // Made at nearly the same time, so only what is random can tell them apart.
    CHECK(of_child.tail() != id.tail());
}

}  // namespace
}  // namespace penstock::client
