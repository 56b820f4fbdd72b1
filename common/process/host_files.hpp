// Reading what the kernel tells in small text files (/proc, /sys), under a root that tests can
// replace.
//
// Thread rule: free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::process {

// The whole file, or nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> read_host_file(const std::filesystem::path& path);

// The folders that govern this process in the hierarchy of `controller` (such as "cpu"), its own
// first, then every visible parent: the cgroup v2 tree or a v1 hierarchy, wherever it is mounted.
// Empty if there is none. `root` is "/" but in tests.
struct ControlGroup {
    int version = 0;  // 1 or 2
    std::vector<std::filesystem::path> folders;
};
[[nodiscard]] std::vector<ControlGroup> control_groups(const std::filesystem::path& root,
                                                       std::string_view controller);

}  // namespace penstock::process
