#include "producer/core/pending_table.hpp"

#include <set>

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

TaskId numbered(std::uint64_t number) {
    return make_task_id(1, 0, number << 8U);
}

}  // namespace

TEST_CASE("an entry that is used again has nothing of the task before") {
    PendingTable table(7);
    {
        const auto [entry, fresh] = table.add(numbered(1));
        REQUIRE(fresh);
        entry.stage = Awaited{Receipt{}};
        entry.watchers.push_back({1, Interest::receipt});
        CHECK_FALSE(table.add(numbered(1)).second);
        table.remove(entry);
    }
    CHECK(table.find(numbered(1)) == nullptr);
    const auto [entry, fresh] = table.add(numbered(2));
    REQUIRE(fresh);
    CHECK(entry.id == numbered(2));
    CHECK(std::holds_alternative<Waiting>(entry.stage));
    CHECK(entry.watchers.empty());
}

TEST_CASE("who goes through all entries may remove them on the way") {
    PendingTable table(7);
    for (std::uint64_t n = 0; n < 100; ++n) {
        static_cast<void>(table.add(numbered(n)));
    }
    table.remove(*table.find(numbered(50)));
    std::set<TaskId> seen;
    table.for_each([&](PendingEntry& entry) {
        seen.insert(entry.id);
        table.remove(entry);
    });
    CHECK(seen.size() == 99);
    CHECK(seen.count(numbered(50)) == 0);
    CHECK(table.empty());
}

TEST_CASE("a table that was emptied after many entries finds new ones") {
    constexpr std::uint64_t many = 20'000;
    PendingTable table(7);
    for (int round = 0; round < 2; ++round) {
        for (std::uint64_t n = 0; n < many; ++n) {
            REQUIRE(table.add(numbered(n)).second);
        }
        for (std::uint64_t n = 0; n < many; ++n) {
            PendingEntry* const entry = table.find(numbered(n));
            REQUIRE(entry != nullptr);
            REQUIRE(entry->id == numbered(n));
            table.remove(*entry);
        }
        CHECK(table.empty());
    }
}

}  // namespace penstock::client
