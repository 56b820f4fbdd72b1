#include "producer/cli/doctor/versions.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli::doctor {

TEST_CASE("another version is told, and which one this is") {
    CHECK(judge_version("broker", PENSTOCK_VERSION).verdict == Verdict::ok);
    const Finding other = judge_version("broker", "9.9.9");
    CHECK(other.verdict == Verdict::warn);
    CHECK(other.found == "9.9.9, and this is penstock " PENSTOCK_VERSION);
}

}  // namespace penstock::cli::doctor
