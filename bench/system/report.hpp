// What is printed in the end: tables for people, or one JSON object for programs.
//
// Thread rule: free functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/system/machine.hpp"
#include "bench/system/options.hpp"
#include "bench/system/rounds.hpp"
#include "bench/system/workloads.hpp"
#include "common/protocol/value.hpp"

namespace penstock::bench {

struct Report {
    Options options;
    Machine machine;  // as it was at the start
    // Nothing where a workload was not asked for.
    std::optional<std::vector<MemoryRow>> memory;
    std::optional<std::vector<LatencyRow>> latency;
    std::optional<std::vector<DiskRow>> disk;
    std::optional<std::vector<DiskWaitRow>> disk_wait;
    std::optional<std::vector<BacklogRow>> backlog;
    std::optional<std::vector<ScaleRow>> scale;
    std::optional<std::vector<PayloadRow>> payload;
    std::optional<std::vector<ImageRow>> image;
    std::optional<std::vector<ImageWaitRow>> image_wait;
    Tally tally;
};

// `version`, `machine`, `settings`, a list of rows per workload, and `answers`. An interval that
// too few pairs leave unknown is null.
[[nodiscard]] Value to_json(const Report& report);

// The same, to be read.
[[nodiscard]] std::string to_text(const Report& report);

}  // namespace penstock::bench
