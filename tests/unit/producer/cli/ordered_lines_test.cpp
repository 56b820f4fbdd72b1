#include "producer/cli/ordered_lines.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("lines come out in the order of their input, as soon as they can") {
    std::vector<std::string> printed;
    OrderedLines lines([&](const std::string& line) { printed.push_back(line); });
    lines.add(2, "c");
    lines.add(1, "b");
    REQUIRE(printed.empty());
    REQUIRE(lines.waiting() == 2);
    REQUIRE(lines.waiting_bytes() == 2);
    lines.add(0, "a");
    REQUIRE(printed == std::vector<std::string>{"a", "b", "c"});
    lines.add(3, "d");
    REQUIRE(printed.back() == "d");
    REQUIRE(lines.waiting() == 0);
    REQUIRE(lines.waiting_bytes() == 0);
}

}  // namespace
}  // namespace penstock::cli
