#include "common/process/host_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace penstock::process {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream{std::string(text)};
    for (std::string part; std::getline(stream, part, separator);) {
        parts.push_back(part);
    }
    return parts;
}

bool lists(std::string_view comma_separated, std::string_view word) {
    const auto parts = split(comma_separated, ',');
    return std::find(parts.begin(), parts.end(), word) != parts.end();
}

struct Mount {
    int version = 0;
    fs::path root;   // which part of the hierarchy is mounted
    fs::path point;  // where
};

// "36 25 0:31 /root /point options ... - cgroup source superoptions", see proc(5).
std::optional<Mount> read_mount(const std::string& line, std::string_view controller) {
    const auto separator = line.find(" - ");
    if (separator == std::string::npos) {
        return std::nullopt;
    }
    const auto before = split(line.substr(0, separator), ' ');
    const auto after = split(line.substr(separator + 3), ' ');
    if (before.size() < 5 || after.size() < 3) {
        return std::nullopt;
    }
    if (after[0] == "cgroup2") {
        return Mount{2, before[3], before[4]};
    }
    if (after[0] == "cgroup" && lists(after[2], controller)) {
        return Mount{1, before[3], before[4]};
    }
    return std::nullopt;
}

// The process's place in the hierarchy, from lines "0::/path" (v2) or "4:cpu,cpuacct:/path" (v1).
std::optional<fs::path> place(const std::string& memberships, int version,
                              std::string_view controller) {
    for (const std::string& line : split(memberships, '\n')) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string names = line.substr(first + 1, second - first - 1);
        if (version == 2 ? names.empty() : lists(names, controller)) {
            return line.substr(second + 1);
        }
    }
    return std::nullopt;
}

std::vector<fs::path> folders_of(const fs::path& host_root, const Mount& mount,
                                 const fs::path& place) {
    // In a container the place may lie outside of what is mounted: then only its root is visible.
    fs::path below = place.lexically_relative(mount.root);
    if (below.empty() || *below.begin() == "..") {
        below = ".";
    }
    const fs::path top = host_root / mount.point.relative_path();
    std::vector<fs::path> folders;
    std::error_code ignored;
    for (; below != "." && !below.empty(); below = below.parent_path()) {
        if (fs::is_directory(top / below, ignored)) {
            folders.push_back(top / below);
        }
    }
    folders.push_back(top);
    return folders;
}

}  // namespace

std::optional<std::string> read_host_file(const fs::path& path) {
    std::ifstream file(path);
    if (!file) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<ControlGroup> control_groups(const fs::path& root, std::string_view controller) {
    const auto mounts = read_host_file(root / "proc/self/mountinfo");
    const auto memberships = read_host_file(root / "proc/self/cgroup");
    std::vector<ControlGroup> groups;
    if (!mounts || !memberships) {
        return groups;
    }
    for (const std::string& line : split(*mounts, '\n')) {
        if (const auto mount = read_mount(line, controller)) {
            if (const auto found = place(*memberships, mount->version, controller)) {
                groups.push_back({mount->version, folders_of(root, *mount, *found)});
            }
        }
    }
    return groups;
}

}  // namespace penstock::process
