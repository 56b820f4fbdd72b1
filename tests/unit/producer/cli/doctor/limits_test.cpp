#include "producer/cli/doctor/limits.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli::doctor {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

TEST_CASE("few open files are told, with what to raise") {
    CHECK(judge_open_files(1'048'576).verdict == Verdict::ok);
    CHECK(judge_open_files(~std::uint64_t{0}).found == "no limit");
    const Finding few = judge_open_files(1024);
    CHECK(few.verdict == Verdict::warn);
    CHECK_THAT(few.advice, ContainsSubstring("LimitNOFILE"));
}

TEST_CASE("a broker that may hold more than there is gets a number to set") {
    CHECK(judge_memory(16'384 * mebibyte, 4'096 * mebibyte).verdict == Verdict::ok);
    const Finding small = judge_memory(2'048 * mebibyte, 4'096 * mebibyte);
    CHECK(small.verdict == Verdict::warn);
    CHECK_THAT(small.advice, ContainsSubstring("1.5 GiB or less"));
    CHECK(judge_memory(std::nullopt, mebibyte).verdict == Verdict::skipped);
}

TEST_CASE("the memory is the least of the machine's and every control group's") {
    const TemporaryFolder root;
    CHECK_FALSE(memory_limit(root.path()));
    root.write("proc/meminfo", "MemTotal:       2048 kB\nMemFree: 10 kB\n");
    CHECK(memory_limit(root.path()) == 2 * mebibyte);
    root.write("proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n");
    root.write("proc/self/cgroup", "0::/a/b\n");
    root.write("sys/fs/cgroup/a/b/memory.max", "max\n");
    CHECK(memory_limit(root.path()) == 2 * mebibyte);
    root.write("sys/fs/cgroup/a/memory.max", "1048576\n");
    CHECK(memory_limit(root.path()) == mebibyte);
}

TEST_CASE("little shared memory, or none, is told") {
    CHECK(judge_shared_memory(8'192 * mebibyte).verdict == Verdict::ok);
    CHECK(judge_shared_memory(64 * mebibyte).verdict == Verdict::warn);
    CHECK(judge_shared_memory(std::nullopt).verdict == Verdict::warn);
}

}  // namespace
}  // namespace penstock::cli::doctor
