// Random deeds of clients and workers that obey or misbehave, over a journal that lags. The parts
// are in random_walk/; the checks have each caught a fault that was planted in the core.
#include <cstdlib>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/random_walk/walk.hpp"

namespace penstock::broker::walk {
namespace {

// PENSTOCK_WALK_SEEDS asks for so many, PENSTOCK_TEST_LONG for some minutes of them.
std::uint64_t seed_count() {
    if (const char* const asked = std::getenv("PENSTOCK_WALK_SEEDS"); asked != nullptr) {
        return std::stoull(asked);
    }
    return std::getenv("PENSTOCK_TEST_LONG") == nullptr ? 300 : 10'000;
}

}  // namespace

TEST_CASE("whatever happens, each accepted task ends once and every slot comes back") {
    constexpr int steps = 2'000;
    std::uint64_t completed = 0;
    std::uint64_t dead = 0;
    std::uint64_t cancelled = 0;
    for (std::uint64_t seed = 1; seed <= seed_count(); ++seed) {
        Walk walk(seed);
        walk.run(steps);
        INFO("seed " << seed);
        REQUIRE(walk.faults() == std::vector<std::string>{});
        completed += walk.count_ended(TaskState::completed);
        dead += walk.count_ended(TaskState::dead);
        cancelled += walk.count_ended(TaskState::cancelled);
    }
    // The walk goes everywhere.
    CHECK(completed > 100 * seed_count());
    CHECK(dead > 5 * seed_count());
    CHECK(cancelled > 5 * seed_count());
}

}  // namespace penstock::broker::walk
