// How many cores this process may really use: its affinity mask and the CPU quotas of its control
// groups, not what the host has.
//
// Thread rule: free functions.
#pragma once

#include <filesystem>
#include <optional>

namespace penstock::process {

// The tightest CPU quota of cgroup v1 and v2, of this process's group and all groups above it, in
// cores (1.5: one and a half); nothing if there is none. `root` is "/" but in tests.
[[nodiscard]] std::optional<double> cpu_quota(const std::filesystem::path& root);

// Cores for `affinity` allowed ones under `quota`. Part of a core counts as one, so that nothing
// that was granted lies idle. At least 1.
[[nodiscard]] unsigned usable_cores(unsigned affinity, std::optional<double> quota);

// Of this process, now.
[[nodiscard]] unsigned usable_cores();

}  // namespace penstock::process
