#include "common/process/usable_cores.hpp"

#include <algorithm>
#include <cmath>
#include <sched.h>
#include <sstream>
#include <string>
#include <thread>

#include "common/process/host_files.hpp"

namespace penstock::process {
namespace {

namespace fs = std::filesystem;

// "max 100000" or "150000 100000".
std::optional<double> quota_v2(const fs::path& folder) {
    std::istringstream text(read_host_file(folder / "cpu.max").value_or(""));
    double quota = 0;
    double period = 0;
    if (!(text >> quota >> period) || quota <= 0 || period <= 0) {
        return std::nullopt;
    }
    return quota / period;
}

// -1 is "no limit".
std::optional<double> quota_v1(const fs::path& folder) {
    std::istringstream quota_text(read_host_file(folder / "cpu.cfs_quota_us").value_or(""));
    std::istringstream period_text(read_host_file(folder / "cpu.cfs_period_us").value_or(""));
    double quota = 0;
    double period = 0;
    if (!(quota_text >> quota) || !(period_text >> period) || quota <= 0 || period <= 0) {
        return std::nullopt;
    }
    return quota / period;
}

unsigned affinity_cores() {
    // Machines with more than 1,024 cores need a larger set; the kernel says so with EINVAL.
    for (int cores_max = 1024; cores_max <= 1 << 16; cores_max *= 4) {
        cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(cores_max));
        const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(cores_max));
        const bool known = sched_getaffinity(0, size, set) == 0;
        const int count = known ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (known) {
            return static_cast<unsigned>(count);
        }
    }
    return std::thread::hardware_concurrency();
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
    std::optional<double> tightest;
    for (const ControlGroup& group : control_groups(root, "cpu")) {
        for (const fs::path& folder : group.folders) {
            const auto quota = group.version == 2 ? quota_v2(folder) : quota_v1(folder);
            if (quota) {
                tightest = tightest ? std::min(*tightest, *quota) : *quota;
            }
        }
    }
    return tightest;
}

unsigned usable_cores(unsigned affinity, std::optional<double> quota) {
    const unsigned allowed = std::max(affinity, 1U);
    if (!quota || *quota >= allowed) {
        return allowed;
    }
    return std::max(static_cast<unsigned>(std::ceil(*quota)), 1U);
}

unsigned usable_cores() {
    return usable_cores(affinity_cores(), cpu_quota("/"));
}

}  // namespace penstock::process
