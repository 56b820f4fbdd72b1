#include "broker/offline/fresh_journal.hpp"

#include "tests/unit/broker/offline/offline_fixture.hpp"

namespace penstock::broker::offline {
namespace {

constexpr std::int64_t now_ms = 1'795'800'064'003;
constexpr std::uint64_t now_us = 1'795'800'064'003'000;

TEST_CASE("the epoch of a copy is above the clock, and above what was before") {
    CHECK(epoch_of_copy({5}, now_ms, 0).value == now_us + 1);
    // The original's clock was ahead, and it will count on from there.
    const Epoch ahead{now_us * 2};
    CHECK(epoch_of_copy(ahead, now_ms, 0).value == ahead.value + 1);
}

TEST_CASE("two copies, and the original, go apart by chance") {
    const Epoch one = epoch_of_copy({5}, now_ms, 0x1234'5678'9ABC'DEF0);
    const Epoch other = epoch_of_copy({5}, now_ms, 0x0FED'CBA9'8765'4321);
    CHECK(one != other);
    // So little that a clock has soon caught up.
    for (const Epoch epoch : {one, other}) {
        CHECK(epoch.value > now_us);
        CHECK(epoch.value < now_us + 20 * 60 * 1'000'000ULL);
    }
}

TEST_CASE("a folder that holds anything is refused and left alone") {
    const DataFolder data;
    data.live({{accepted(1)}});
    const auto refused = FreshJournal::begin(data.path());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(std::filesystem::exists(data.segment(1)));
}

TEST_CASE("what is not finished is not there") {
    const DataFolder data;
    {
        auto fresh = FreshJournal::begin(data.path());
        REQUIRE(fresh);
        REQUIRE(fresh->folder().create("segment"));
        CHECK_FALSE(std::filesystem::exists(data.path() + "/journal"));
    }
    CHECK(std::filesystem::is_empty(data.path()));
}

TEST_CASE("a finished one begins with a life of its own") {
    const DataFolder data;
    auto fresh = FreshJournal::begin(data.path());
    REQUIRE(fresh);
    const auto epoch = fresh->finish({now_us * 2});
    REQUIRE(epoch);
    CHECK(epoch->value > now_us * 2);
    const auto folder = open_folder_to_read(data.path() + "/journal");
    // Still held, under its new name.
    CHECK(folder.error().code == ErrorCode::conflict);
    { const auto gone = std::move(*fresh); }
    const auto state = read_log(**open_folder_to_read(data.path() + "/journal"),
                                [](const RawRecord&, const Place&) {});
    REQUIRE(state);
    CHECK(state->epoch == *epoch);
}

}  // namespace
}  // namespace penstock::broker::offline
