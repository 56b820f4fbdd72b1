// The command line of penstock-bench.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/process/flags.hpp"

namespace penstock::bench {

struct Options {
    std::vector<std::string> workloads{"memory", "latency", "disk", "backlog",
                                       "scale",  "payload", "image"};
    std::vector<std::size_t> windows{1, 100, 1000, 10'000};
    std::vector<std::uint64_t> depths{10'000, 100'000, 1'000'000};
    std::vector<std::size_t> payload_bytes{1'000'000, 10'000'000};
    std::size_t pairs = 10;  // fewer make no claim
    double seconds = 0.5;    // of one run
    // That the broker looks back on before messages are measured; it remembers as many.
    std::uint64_t finished = 1'000'000;
    std::string photos = PENSTOCK_PHOTOS;
    bool json = false;
};

// Reads the command line. On help, version or an error it prints, and `exit` says how to leave.
[[nodiscard]] std::optional<Options> read_options(int argc, const char* const* argv,
                                                  process::ExitCode& exit);

// Whether the workload is asked for.
[[nodiscard]] bool wants(const Options& options, const std::string& workload);

}  // namespace penstock::bench
