#include "broker/core/remembered_ids.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;
using Memory = RememberedIds::Memory;

constexpr std::int64_t noon = 1'700'000'000'000;
constexpr std::int64_t one_second = 1'000;
constexpr std::int64_t one_hour = 3'600 * one_second;

TaskId made_at(std::int64_t unix_ms, std::uint64_t number = 1) {
    return make_task_id(unix_ms, 0, number);
}

RememberedIds an_hour_long(std::uint64_t ids_max = 1'000) {
    Settings settings;
    settings.dedup_window = 1h;
    settings.dedup_ids_max = ids_max;
    return RememberedIds(settings, 42);
}

}  // namespace

TEST_CASE("a set of ids holds what was put in, zeros among it, and nothing else") {
    const KeyedHash hash{7};
    IdSet ids;
    CHECK_FALSE(ids.contains(TaskId(), hash));
    std::set<TaskId> truth;
    for (std::uint64_t n = 0; n < 5'000; ++n) {
        const TaskId id = task_id(n * n % 3'000);
        CHECK(ids.contains(id, hash) == truth.contains(id));
        CHECK(ids.insert(id, hash) == truth.insert(id).second);
    }
    CHECK(ids.size() == truth.size());
    const std::vector<TaskId> all = ids.all();
    CHECK(std::set(all.begin(), all.end()) == truth);
}

TEST_CASE("an id is remembered until the window is over, and is below the floor from then on") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon);
    const TaskId id = made_at(noon);
    CHECK(ids.find(id) == Memory::none);
    CHECK(ids.remember(id, noon, KeptIds{1, 0}));
    ids.advance(noon + one_hour - 3 * one_second);
    CHECK(ids.find(id) == Memory::in_journal);
    ids.advance(noon + one_hour + 5 * one_second);
    CHECK(ids.find(id) == Memory::none);
    CHECK(ids.is_below_floor(id));
    CHECK(ids.size() == 0);
    CHECK_FALSE(ids.remember(id, noon + one_hour, KeptIds{2, 0}));
}

TEST_CASE("beyond so many ids the oldest second is dropped whole, and the floor is its end") {
    RememberedIds ids = an_hour_long(10);
    ids.advance(noon);
    for (std::uint64_t n = 0; n < 12; ++n) {
        const auto second = static_cast<std::int64_t>(n / 4);
        CHECK(ids.remember(made_at(noon + second * one_second, n), noon, KeptIds{n + 1, 0}));
    }
    CHECK(ids.size() == 8);
    CHECK(ids.floor_ms() == noon + one_second);
    CHECK(ids.is_below_floor(made_at(noon + 999)));
    CHECK(ids.find(made_at(noon, 3)) == Memory::none);
    CHECK(ids.find(made_at(noon + one_second, 4)) == Memory::in_journal);
}

TEST_CASE("no floor falls when the clock is set back") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon);
    ids.advance(noon - 2 * one_hour);
    CHECK(ids.is_below_floor(made_at(noon - one_hour - 5 * one_second)));
}

TEST_CASE("a floor far ahead of the clock is set aside, and holds when the clock comes near it") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon - 10 * one_hour);
    ids.raise_floor(noon, noon - 10 * one_hour);
    CHECK_FALSE(ids.is_below_floor(made_at(noon - 5 * one_second)));
    ids.advance(noon);
    CHECK(ids.is_below_floor(made_at(noon - 5 * one_second)));
}

TEST_CASE("a clock that was wrong by days does not keep the broker from working when it is set") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon + 1'000 * one_hour);
    ids.advance(noon);
    CHECK_FALSE(ids.is_below_floor(made_at(noon)));
    CHECK(ids.is_below_floor(made_at(noon - 2 * one_hour)));
}

TEST_CASE("ids without a date are remembered from when they were forgotten on, below no floor") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon);
    CHECK(ids.remember(task_id(1), noon, KeptIds{1, 0}));
    CHECK(ids.remember(TaskId(), noon, std::nullopt));
    ids.advance(noon + one_hour);
    CHECK(ids.find(task_id(1)) == Memory::in_journal);
    CHECK(ids.find(TaskId()) == Memory::in_memory);
    ids.advance(noon + 2 * one_hour + 5 * one_second);
    CHECK(ids.find(task_id(1)) == Memory::none);
    CHECK_FALSE(ids.is_below_floor(task_id(1)));
}

TEST_CASE("ids without a date stay in their hour when they are written again") {
    Settings settings;
    settings.dedup_window = 5h;
    RememberedIds ids(settings, 42);
    ids.advance(noon);
    CHECK(ids.remember(task_id(1), noon, KeptIds{1, 0}));
    CHECK(ids.remember(task_id(2), noon + 2 * one_hour, KeptIds{2, 0}));
    const TasksForgotten again = ids.take_oldest();
    CHECK(again.ids == std::vector{task_id(1)});
    CHECK(ids.remember(task_id(1), again.forgotten_at, KeptIds{3, 0}));
    CHECK(ids.size() == 2);
    CHECK(ids.oldest_kept()->sequence == 2);
    ids.advance(noon + 6 * one_hour + 10 * one_second);
    CHECK(ids.find(task_id(1)) == Memory::none);
    CHECK(ids.find(task_id(2)) == Memory::in_journal);
}

TEST_CASE("too many ids without a date are dropped in parts, the oldest first") {
    RememberedIds ids = an_hour_long(320);
    for (std::uint64_t n = 1; n <= 1'000; ++n) {
        CHECK(ids.remember(task_id(n), noon, KeptIds{n, 0}));
        CHECK(ids.size() <= 320);
    }
    CHECK(ids.size() > 300);
    CHECK(ids.find(task_id(1'000)) == Memory::in_journal);
    CHECK(ids.find(task_id(750)) == Memory::in_journal);
    CHECK(ids.find(task_id(600)) == Memory::none);
    CHECK(ids.floor_ms() == 0);
}

TEST_CASE("the journal is told of a floor when it may have what is dropped, and not else") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon);
    CHECK(ids.remember(made_at(noon), noon, std::nullopt));
    ids.advance(noon + 2 * one_hour);
    CHECK_FALSE(ids.owes_floor());
    CHECK(ids.remember(made_at(noon + 2 * one_hour), noon, KeptIds{1, 0}));
    ids.advance(noon + 4 * one_hour);
    CHECK(ids.owes_floor());
    ids.told_floor(ids.floor_ms(), {2, 0});
    ids.advance(noon + 5 * one_hour);
    CHECK_FALSE(ids.owes_floor());
    // One that was too old to be put in here: that it is refused must be known tomorrow, too.
    CHECK_FALSE(ids.remember(made_at(noon), noon, KeptIds{3, 0}));
    CHECK(ids.owes_floor());
}

TEST_CASE(
    "records of ids are needed as long as their bucket, and move when they are written again") {
    RememberedIds ids = an_hour_long();
    ids.advance(noon);
    CHECK_FALSE(ids.oldest_kept());
    CHECK(ids.remember(made_at(noon, 1), noon, KeptIds{3, 0}));
    CHECK(ids.remember(made_at(noon + 9 * one_second, 2), noon, KeptIds{4, 0}));
    CHECK(ids.remember(made_at(noon, 3), noon, KeptIds{5, 0}));
    CHECK(ids.oldest_kept()->sequence == 3);
    const TasksForgotten again = ids.take_oldest();
    CHECK(again.ids.size() == 2);
    for (const TaskId& id : again.ids) {
        CHECK(ids.remember(id, again.forgotten_at, KeptIds{6, 0}));
    }
    CHECK(ids.size() == 3);
    CHECK(ids.oldest_kept()->sequence == 4);
    ids.told_floor(ids.floor_ms(), {7, 0});
    ids.advance(noon + 2 * one_hour);
    CHECK(ids.oldest_kept()->sequence == 7);
    CHECK(ids.take_oldest().ids.empty());
}

}  // namespace penstock::broker
