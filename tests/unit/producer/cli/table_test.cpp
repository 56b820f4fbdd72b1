#include "producer/cli/table.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("columns are as wide as their widest cell and two spaces apart") {
    Table table({{"NAME"}, {"COUNT", Align::right}, {"NOTE"}});
    table.add({"a", "1", "short"});
    table.add({"longer", "12345678", ""});
    REQUIRE(table.render() ==
            "NAME       COUNT  NOTE\n"
            "a              1  short\n"
            "longer  12345678\n");
}

TEST_CASE("a table without rows is its headings") {
    REQUIRE(Table({{"A"}, {"B"}}).render() == "A  B\n");
}

TEST_CASE("letters of several bytes take one column") {
    Table table({{"NAME"}, {"X"}});
    table.add({"Zürich", "1"});
    table.add({"Berlin", "2"});
    REQUIRE(table.render() == "NAME    X\nZürich  1\nBerlin  2\n");
}

TEST_CASE("a name cannot draw on the terminal") {
    Table table({{"NAME"}});
    table.add({"a\x1b[2Jb\nc"});
    REQUIRE(table.render() == "NAME\na?[2Jb?c\n");
    REQUIRE(printable("\x7f\t") == "??");
}

TEST_CASE("sizes are told in the largest unit that fits") {
    REQUIRE(size_words(0) == "0 B");
    REQUIRE(size_words(1023) == "1023 B");
    REQUIRE(size_words(1536) == "1.5 KiB");
    REQUIRE(size_words(std::uint64_t{1} << 30U) == "1.0 GiB");
}

TEST_CASE("durations are told in the unit that people would use") {
    REQUIRE(duration_words(0.25) == "0.25 ms");
    REQUIRE(duration_words(850) == "850 ms");
    REQUIRE(duration_words(2500) == "2.5 s");
    REQUIRE(duration_words(90'000) == "1.5 min");
    REQUIRE(duration_words(7'200'000) == "2.0 h");
}

}  // namespace
}  // namespace penstock::cli
