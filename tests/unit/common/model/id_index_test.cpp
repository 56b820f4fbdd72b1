#include "common/model/id_index.hpp"

#include <map>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace penstock {

TEST_CASE("an index finds what a map finds, whatever is added and removed") {
    const auto seed = GENERATE(range(1U, 20U));
    INFO("seed " << seed);
    std::mt19937 random(seed);
    // Few enough ids that positions are used again, enough that parts grow and have long runs.
    const std::uint32_t ids = 1U << (4 + seed);
    IdIndex index(seed);
    std::map<TaskId, IdIndex::Position> map;
    std::vector<TaskId> by_index;
    const auto id_of = [&](IdIndex::Position at) -> const TaskId& { return by_index[at]; };
    for (int step = 0; step < 20'000; ++step) {
        const TaskId id = make_task_id(1, 0, std::uint64_t{random() % ids} << 8U);
        const auto known = map.find(id);
        REQUIRE(index.find(id, id_of) == (known == map.end() ? IdIndex::none : known->second));
        if (known == map.end()) {
            const auto at = static_cast<IdIndex::Position>(by_index.size());
            by_index.push_back(id);
            index.insert(id, at, id_of);
            map.emplace(id, at);
        } else {
            index.erase(id, known->second);
            map.erase(known);
        }
        REQUIRE(index.size() == map.size());
    }
    for (const auto& [id, at] : map) {
        REQUIRE(index.find(id, id_of) == at);
    }
}

}  // namespace penstock
