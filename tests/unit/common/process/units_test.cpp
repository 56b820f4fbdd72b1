#include "common/process/units.hpp"

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

using std::chrono::milliseconds;

TEST_CASE("durations are read with each of their units") {
    REQUIRE(parse_duration("250ms") == milliseconds(250));
    REQUIRE(parse_duration("30s") == milliseconds(30'000));
    REQUIRE(parse_duration("10m") == milliseconds(600'000));
    REQUIRE(parse_duration("2h") == milliseconds(7'200'000));
    REQUIRE(parse_duration("1d") == milliseconds(86'400'000));
    REQUIRE(parse_duration("0") == milliseconds(0));
}

TEST_CASE("what is no duration is refused with the allowed forms") {
    for (const auto* text :
         {"", "s", "10", "-1s", "1.5s", "10 s", "10sec", "1s1s", "999999999999d"}) {
        INFO(text);
        const auto duration = parse_duration(text);
        REQUIRE_FALSE(duration);
        REQUIRE(duration.error().code == ErrorCode::malformed);
        REQUIRE(duration.error().message.find("such as 250ms") != std::string::npos);
    }
}

TEST_CASE("times are read in any zone") {
    REQUIRE(parse_time("1970-01-01T00:00:00Z") == 0);
    REQUIRE(parse_time("2030-12-24T18:00:00Z") == 1'924'365'600'000);
    REQUIRE(parse_time("2030-12-24T19:00:00+01:00") == 1'924'365'600'000);
    REQUIRE(parse_time("2030-12-24T07:30:00-10:30") == 1'924'365'600'000);
    REQUIRE(parse_time("2028-02-29T00:00:00Z") == 1'835'395'200'000);
}

TEST_CASE("what is no time is refused with the form") {
    for (const auto* text :
         {"", "tomorrow", "2030-12-24", "2030-12-24T18:00:00", "2030-13-24T18:00:00Z",
          "2030-02-30T18:00:00Z", "1969-12-31T23:59:59Z", "2030-12-24T18:00:00Z.", "1735000000"}) {
        INFO(text);
        const auto time = parse_time(text);
        REQUIRE_FALSE(time);
        REQUIRE(time.error().message.find("such as 2030-12-24T18:00:00Z") != std::string::npos);
    }
}

TEST_CASE("sizes are read with binary units or as plain bytes") {
    REQUIRE(parse_size("4096") == 4096);
    REQUIRE(parse_size("4096B") == 4096);
    REQUIRE(parse_size("64KiB") == 65'536);
    REQUIRE(parse_size("32MiB") == 33'554'432);
    REQUIRE(parse_size("1GiB") == 1'073'741'824);
    REQUIRE(parse_size("1TiB") == 1'099'511'627'776);
}

TEST_CASE("what is no size is refused with the allowed forms") {
    for (const auto* text : {"", "KiB", "64kb", "64K", "-1", "1.5MiB", "9999999999TiB"}) {
        INFO(text);
        const auto size = parse_size(text);
        REQUIRE_FALSE(size);
        REQUIRE(size.error().message.find("such as 64KiB") != std::string::npos);
    }
}

TEST_CASE("amounts are written in the largest unit that is exact") {
    REQUIRE(duration_text(milliseconds(30'000)) == "30s");
    REQUIRE(duration_text(milliseconds(90'000)) == "90s");
    REQUIRE(duration_text(milliseconds(250)) == "250ms");
    REQUIRE(duration_text(milliseconds(0)) == "0ms");
    REQUIRE(size_text(33'554'432) == "32MiB");
    REQUIRE(size_text(1000) == "1000B");
}

}  // namespace
}  // namespace penstock::process
