// Random deeds of clients and workers that obey or misbehave, over a journal that lags. The parts
// are in random_walk/; the checks have each caught a fault that was planted in the core.
#include <cstdlib>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/random_walk/walk.hpp"

namespace penstock::broker::walk {
namespace {

// PENSTOCK_WALK_SEEDS=5000 walks longer.
std::uint64_t seed_count() {
    const char* const asked = std::getenv("PENSTOCK_WALK_SEEDS");
    return asked == nullptr ? 300 : std::stoull(asked);
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
