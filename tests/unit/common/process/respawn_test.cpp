#include "common/process/respawn.hpp"

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("the first restart is at once, later ones wait twice as long each") {
    RespawnDelay delay;
    REQUIRE(delay.after_death(Life::fruitless, seconds(1)) == milliseconds(0));
    REQUIRE(delay.after_death(Life::fruitless, seconds(1)) == milliseconds(100));
    REQUIRE(delay.after_death(Life::fruitless, seconds(1)) == milliseconds(200));
    REQUIRE(delay.after_death(Life::fruitless, seconds(1)) == milliseconds(400));
}

TEST_CASE("waits stop growing at their maximum") {
    RespawnDelay delay;
    Duration last{0};
    for (int i = 0; i < 30; ++i) {
        last = delay.after_death(Life::fruitless, seconds(1));
    }
    REQUIRE(last == seconds(30));
}

TEST_CASE("a long or useful life starts anew") {
    RespawnDelay delay;
    static_cast<void>(delay.after_death(Life::fruitless, seconds(1)));
    static_cast<void>(delay.after_death(Life::fruitless, seconds(1)));
    SECTION("long") {
        REQUIRE(delay.after_death(Life::fruitless, seconds(60)) == milliseconds(0));
    }
    SECTION("useful") {
        REQUIRE(delay.after_death(Life::useful, seconds(1)) == milliseconds(0));
        REQUIRE(delay.after_death(Life::useful, seconds(1)) == milliseconds(0));
    }
    SECTION("neither") {
        REQUIRE(delay.after_death(Life::fruitless, seconds(59)) == milliseconds(200));
    }
}

TEST_CASE("more than ten fruitless deaths in five minutes are a crash loop") {
    CrashLoop loop;
    TimePoint now{};
    for (int i = 0; i < 10; ++i) {
        loop.died(now += seconds(1), Life::fruitless);
        REQUIRE_FALSE(loop.degraded(now));
    }
    loop.died(now += seconds(1), Life::fruitless);
    REQUIRE(loop.degraded(now));
    REQUIRE(loop.degraded(now + minutes(4)));
    REQUIRE_FALSE(loop.degraded(now + minutes(5)));
}

TEST_CASE("a canary that lasts ends the crash loop") {
    CrashLoop loop;
    const TimePoint now{};
    for (int i = 0; i < 11; ++i) {
        loop.died(now, Life::fruitless);
    }
    REQUIRE(loop.degraded(now));
    loop.recovered();
    REQUIRE_FALSE(loop.degraded(now));
    loop.died(now, Life::fruitless);
    REQUIRE_FALSE(loop.degraded(now));
}

TEST_CASE("deaths after useful work are no crash loop") {
    CrashLoop loop;
    for (int i = 0; i < 100; ++i) {
        loop.died(TimePoint{}, Life::useful);
    }
    REQUIRE_FALSE(loop.degraded(TimePoint{}));
}

}  // namespace
}  // namespace penstock::process
