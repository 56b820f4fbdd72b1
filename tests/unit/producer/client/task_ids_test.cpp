#include <set>
#include <thread>

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

}  // namespace
}  // namespace penstock::client
