// Whether the disk below a folder keeps what it has been told to keep, and how fast.
//
// Thread rule: free functions; measure_disk() writes a file without a name and waits for the disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/result.hpp"
#include "common/model/time.hpp"
#include "producer/cli/doctor/finding.hpp"

namespace penstock::cli::doctor {

struct DiskFacts {
    std::string folder;
    std::int64_t file_system = 0;  // its number for statfs(2)
    std::uint64_t free_bytes = 0;  // for ordinary users
    std::vector<Duration> syncs;   // of 4 KiB each, as a journal writes them
};

// Writes and syncs 4 KiB again and again, as a journal does, for a second at most. The folder must
// be there. Errors: internal (no right to write, no room, or a sync that failed).
[[nodiscard]] Result<DiskFacts> measure_disk(const std::string& folder);

[[nodiscard]] Finding judge_file_system(const DiskFacts& facts);
[[nodiscard]] Finding judge_syncs(const DiskFacts& facts);
[[nodiscard]] Finding judge_room(const DiskFacts& facts);

// The value that `share` (0 to 1) of all are at most. Requires: at least one.
[[nodiscard]] Duration quantile(std::vector<Duration> values, double share);

// All of that for the folder, or for the nearest one above it that is there.
[[nodiscard]] Findings check_disk(const std::string& folder);

}  // namespace penstock::cli::doctor
