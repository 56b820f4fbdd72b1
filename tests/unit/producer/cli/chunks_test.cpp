#include "producer/cli/chunks.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

using Ranges = std::vector<Range>;

TEST_CASE("a list is cut into even parts in order") {
    REQUIRE(split(8, 4) == Ranges{{0, 2}, {2, 4}, {4, 6}, {6, 8}});
    REQUIRE(split(1000, 1) == Ranges{{0, 1000}});
}

TEST_CASE("what is left over goes to the first parts, one each") {
    REQUIRE(split(10, 4) == Ranges{{0, 3}, {3, 6}, {6, 8}, {8, 10}});
}

TEST_CASE("there are never more parts than elements") {
    REQUIRE(split(2, 5) == Ranges{{0, 1}, {1, 2}});
    REQUIRE(split(0, 5).empty());
}

TEST_CASE("every cut covers the whole list without overlap") {
    for (std::size_t count = 0; count < 40; ++count) {
        for (std::size_t chunks = 1; chunks < 12; ++chunks) {
            std::size_t next = 0;
            for (const Range& range : split(count, chunks)) {
                REQUIRE(range.begin == next);
                REQUIRE(range.end > range.begin);
                next = range.end;
            }
            REQUIRE(next == count);
        }
    }
}

TEST_CASE("answers that are arrays are joined") {
    REQUIRE(join({{1, 2}, Value::array(), {3}}) == Value({1, 2, 3}));
}

TEST_CASE("other answers are listed") {
    REQUIRE(join({6, 15}) == Value({6, 15}));
    REQUIRE(join({Value::array({1}), 5}) == Value::array({Value::array({1}), 5}));
    REQUIRE(join({}) == Value::array());
}

}  // namespace
}  // namespace penstock::cli
