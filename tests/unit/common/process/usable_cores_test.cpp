#include "common/process/usable_cores.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

namespace fs = std::filesystem;

// A file system root with just the files that a test writes.
class FakeRoot {
  public:
    FakeRoot()
        : path_(fs::temp_directory_path() / ("penstock_cores_test_" + std::to_string(getpid()))) {
        fs::remove_all(path_);
    }
    ~FakeRoot() { fs::remove_all(path_); }
    FakeRoot(const FakeRoot&) = delete;
    FakeRoot& operator=(const FakeRoot&) = delete;

    FakeRoot& file(const std::string& name, const std::string& text) {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << text;
        return *this;
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

constexpr const char* mounts_v2 =
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
constexpr const char* mounts_v1 =
    "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n"
    "34 30 0:30 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n";

TEST_CASE("cgroup v2: the quota of the own group counts") {
    FakeRoot root;
    root.file("proc/self/mountinfo", mounts_v2)
        .file("proc/self/cgroup", "0::/system.slice/worker.service\n")
        .file("sys/fs/cgroup/system.slice/worker.service/cpu.max", "150000 100000\n");
    REQUIRE(cpu_quota(root.path()) == 1.5);
}

TEST_CASE("cgroup v2: a tighter quota of a group above counts") {
    FakeRoot root;
    root.file("proc/self/mountinfo", mounts_v2)
        .file("proc/self/cgroup", "0::/pods/worker\n")
        .file("sys/fs/cgroup/pods/worker/cpu.max", "800000 100000\n")
        .file("sys/fs/cgroup/pods/cpu.max", "200000 100000\n");
    REQUIRE(cpu_quota(root.path()) == 2.0);
}

TEST_CASE("cgroup v2: 'max' is no quota") {
    FakeRoot root;
    root.file("proc/self/mountinfo", mounts_v2)
        .file("proc/self/cgroup", "0::/worker\n")
        .file("sys/fs/cgroup/worker/cpu.max", "max 100000\n");
    REQUIRE_FALSE(cpu_quota(root.path()));
}

TEST_CASE("cgroup v2: in a container the mounted root is the own group") {
    FakeRoot root;
    root.file("proc/self/mountinfo", mounts_v2)
        .file("proc/self/cgroup", "0::/../../seen/from/outside\n")
        .file("sys/fs/cgroup/cpu.max", "50000 100000\n");
    REQUIRE(cpu_quota(root.path()) == 0.5);
}

TEST_CASE("cgroup v1: the quota of the cpu hierarchy counts, wherever it is mounted") {
    FakeRoot root;
    root.file("proc/self/mountinfo", mounts_v1)
        .file("proc/self/cgroup", "5:memory:/other\n4:cpu,cpuacct:/docker/abc\n")
        .file("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "300000\n")
        .file("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
    REQUIRE(cpu_quota(root.path()) == 3.0);
}

TEST_CASE("cgroup v1: a container that sees only its own part of the hierarchy") {
    FakeRoot root;
    root.file("proc/self/mountinfo",
              "33 30 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n")
        .file("proc/self/cgroup", "4:cpu:/docker/abc\n")
        .file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n")
        .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    REQUIRE(cpu_quota(root.path()) == 2.0);
}

TEST_CASE("cgroup v1: a quota of -1 is none") {
    FakeRoot root;
    root.file("proc/self/mountinfo", mounts_v1)
        .file("proc/self/cgroup", "4:cpu,cpuacct:/\n")
        .file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n")
        .file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    REQUIRE_FALSE(cpu_quota(root.path()));
}

TEST_CASE("a host with both versions obeys the tighter quota") {
    FakeRoot root;
    root.file("proc/self/mountinfo", std::string(mounts_v1) + mounts_v2)
        .file("proc/self/cgroup", "4:cpu,cpuacct:/\n0::/\n")
        .file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "400000\n")
        .file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
        .file("sys/fs/cgroup/cpu.max", "300000 100000\n");
    REQUIRE(cpu_quota(root.path()) == 3.0);
}

TEST_CASE("without control groups there is no quota") {
    const FakeRoot root;
    REQUIRE_FALSE(cpu_quota(root.path()));
}

TEST_CASE("usable cores are the allowed ones under the quota, rounded up, at least one") {
    REQUIRE(usable_cores(8, std::nullopt) == 8);
    REQUIRE(usable_cores(8, 2.0) == 2);
    REQUIRE(usable_cores(8, 1.5) == 2);
    REQUIRE(usable_cores(8, 0.1) == 1);
    REQUIRE(usable_cores(2, 7.0) == 2);
    REQUIRE(usable_cores(0, std::nullopt) == 1);
}

TEST_CASE("the affinity mask of this process is obeyed") {
    cpu_set_t before;
    REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &before)) {
            CPU_SET(core, &one);
            break;
        }
    }
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    const unsigned cores = usable_cores();
    REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
    REQUIRE(cores == 1);
}

}  // namespace
}  // namespace penstock::process
