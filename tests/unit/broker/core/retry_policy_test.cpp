#include "broker/core/retry_policy.hpp"

#include <limits>
#include <set>

#include "common/model/time.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t most_random = std::numeric_limits<std::uint64_t>::max();

TaskOptions waits(std::chrono::milliseconds base, std::chrono::milliseconds max) {
    TaskOptions options;
    options.backoff_base = base;
    options.backoff_max = max;
    return options;
}

}  // namespace

TEST_CASE("waits double from the base up to the longest") {
    const TaskOptions options = waits(100ms, 1s);
    CHECK(retry_delay(options, 1, 0) == 100ms);
    CHECK(retry_delay(options, 2, 0) == 200ms);
    CHECK(retry_delay(options, 3, 0) == 400ms);
    CHECK(retry_delay(options, 4, 0) == 800ms);
    CHECK(retry_delay(options, 5, 0) == 1s);
    CHECK(retry_delay(options, 4'000'000'000, 0) == 1s);
}

TEST_CASE("jitter takes off up to half, and spreads evenly") {
    const TaskOptions options = waits(100ms, 1s);
    Random random(1);
    Duration sum{0};
    std::set<Duration> different;
    for (int n = 0; n < 1'000; ++n) {
        const Duration wait = retry_delay(options, 1, random.next());
        REQUIRE(wait >= 50ms);
        REQUIRE(wait <= 100ms);
        different.insert(wait);
        sum += wait;
    }
    CHECK(different.size() > 990);
    CHECK(sum / 1'000 > 73ms);
    CHECK(sum / 1'000 < 77ms);
}

TEST_CASE("the longest waits that can be asked for do not overflow") {
    const TaskOptions options = waits(1ms, std::chrono::hours{24 * 365 * 10});
    for (const std::uint32_t charged : {1U, 60U, 64U, 200U}) {
        for (const std::uint64_t random : {std::uint64_t{0}, most_random}) {
            CHECK(retry_delay(options, charged, random) > 0ns);
            CHECK(retry_delay(options, charged, random) <= options.backoff_max);
        }
    }
}

TEST_CASE("the smallest waits stay waits") {
    const TaskOptions options = waits(1ms, 1ms);
    CHECK(retry_delay(options, 1, most_random) >= 500us);
}

TEST_CASE("the generator gives the numbers of SplitMix64, and the same for the same seed") {
    Random random(1'234'567);
    CHECK(random.next() == 6457827717110365317ULL);
    CHECK(random.next() == 3203168211198807973ULL);
    CHECK(random.next() == 9817491932198370423ULL);
    CHECK(Random(5).next() == Random(5).next());
    CHECK(Random(5).next() != Random(6).next());
}

}  // namespace penstock::broker
