#include "producer/cli/doctor/clock.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli::doctor {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t in_2026 = 1'795'800'064'000;

TEST_CASE("a year before this program, or a century after it, is no time of day") {
    const Finding now = judge_time(in_2026);
    CHECK(now.verdict == Verdict::ok);
    CHECK(now.found == "2026-11-27 17:21:04 UTC");
    CHECK(judge_time(0).verdict == Verdict::fail);
    CHECK(judge_time(4'200'000'000'000).verdict == Verdict::fail);
}

TEST_CASE("a clock that is set while one looks is noticed, in both directions") {
    const Instant before{TimePoint(seconds(100)), in_2026};
    const auto after = [](milliseconds wall) {
        return Instant{TimePoint(seconds(101)), in_2026 + wall.count()};
    };
    CHECK(judge_pace(before, after(milliseconds(1000))).verdict == Verdict::ok);
    CHECK(judge_pace(before, after(milliseconds(1030))).verdict == Verdict::ok);
    CHECK(judge_pace(before, after(milliseconds(6000))).verdict == Verdict::warn);
    const Finding back = judge_pace(before, after(milliseconds(-4000)));
    CHECK(back.verdict == Verdict::warn);
    CHECK_THAT(back.found, ContainsSubstring("-5000 ms"));
}

TEST_CASE("a clock that nobody keeps is told; not to know is not to be well") {
    CHECK(judge_keeping(Keeping{true, milliseconds(3)}).verdict == Verdict::ok);
    CHECK(judge_keeping(Keeping{false, milliseconds(3)}).verdict == Verdict::warn);
    CHECK(judge_keeping(std::nullopt).verdict == Verdict::skipped);
}

TEST_CASE("a broker that has started in the future has a clock ahead of this one") {
    CHECK(judge_broker_clock(in_2026 - 5, in_2026).verdict == Verdict::ok);
    CHECK(judge_broker_clock(in_2026 + 500, in_2026).verdict == Verdict::ok);
    CHECK(judge_broker_clock(in_2026 + 60'000, in_2026).verdict == Verdict::warn);
}

}  // namespace
}  // namespace penstock::cli::doctor
