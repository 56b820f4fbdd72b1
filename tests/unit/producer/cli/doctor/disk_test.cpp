#include "producer/cli/doctor/disk.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli::doctor {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::microseconds;
using std::chrono::milliseconds;

DiskFacts disk(std::int64_t file_system, Duration sync) {
    return {"/data", file_system, std::uint64_t{100} << 30U, {sync, sync, sync}};
}

constexpr std::int64_t ext4 = 0xEF53;
constexpr std::int64_t tmpfs = 0x01021994;
constexpr std::int64_t overlay = 0x794C7630;
constexpr std::int64_t nfs = 0x6969;

TEST_CASE("a folder in memory keeps nothing, and a container's layer not for long") {
    CHECK(judge_file_system(disk(ext4, milliseconds(1))).verdict == Verdict::ok);
    CHECK(judge_file_system(disk(12345, milliseconds(1))).verdict == Verdict::ok);
    CHECK(judge_file_system(disk(tmpfs, milliseconds(1))).verdict == Verdict::fail);
    CHECK(judge_file_system(disk(overlay, milliseconds(1))).verdict == Verdict::warn);
    CHECK(judge_file_system(disk(nfs, milliseconds(1))).verdict == Verdict::warn);
}

TEST_CASE("a sync that is too fast to be one is called a lie") {
    const Finding finding = judge_syncs(disk(ext4, microseconds(2)));
    CHECK(finding.verdict == Verdict::fail);
    CHECK_THAT(finding.advice, ContainsSubstring("does not sync"));
    CHECK(judge_syncs(disk(ext4, microseconds(15))).verdict == Verdict::ok);
}

TEST_CASE("a slow sync is told, since every receipt waits for one") {
    DiskFacts facts = disk(ext4, milliseconds(2));
    CHECK(judge_syncs(facts).verdict == Verdict::ok);
    facts.syncs.push_back(milliseconds(80));
    const Finding finding = judge_syncs(facts);
    CHECK(finding.verdict == Verdict::warn);
    CHECK_THAT(finding.found, ContainsSubstring("p50 2.00 ms, p99 80 ms"));
}

TEST_CASE("a journal needs room to begin with") {
    DiskFacts facts = disk(ext4, milliseconds(2));
    CHECK(judge_room(facts).verdict == Verdict::ok);
    facts.free_bytes = std::uint64_t{100} << 20U;
    CHECK(judge_room(facts).verdict == Verdict::fail);
}

TEST_CASE("a quantile is one of the values, whatever their order") {
    std::vector<Duration> values;
    for (int i = 100; i >= 0; --i) {
        values.emplace_back(i);
    }
    CHECK(quantile(values, 0) == Duration(0));
    CHECK(quantile(values, 0.5) == Duration(50));
    CHECK(quantile(values, 0.99) == Duration(99));
    CHECK(quantile(values, 1) == Duration(100));
    CHECK(quantile({Duration(7)}, 0.99) == Duration(7));
}

TEST_CASE("a measurement has its syncs, and leaves no file") {
    const TemporaryFolder place;
    const auto facts = measure_disk(place.path().string());
    REQUIRE(facts);
    CHECK_FALSE(facts->syncs.empty());
    CHECK(facts->free_bytes > 0);
    CHECK(place.count() == 0);
}

TEST_CASE("where nothing can be written, that is the finding") {
    CHECK(measure_disk("/proc").error().code == ErrorCode::internal);
    const Findings findings = check_disk("/proc/not/there");
    REQUIRE(findings.size() == 1);
    CHECK(findings.front().verdict == Verdict::fail);
}

TEST_CASE("of a folder that is not there yet the one above it is measured") {
    const TemporaryFolder place;
    const Findings findings = check_disk((place.path() / "not" / "there").string());
    REQUIRE(findings.size() == 3);
    CHECK_THAT(findings.front().found, ContainsSubstring(place.path().string()));
}

}  // namespace
}  // namespace penstock::cli::doctor
