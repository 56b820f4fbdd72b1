// What `penstock up` has to know of its children's settings: read as the children will read them,
// from their environment variables and their sections of the configuration file.
//
// Thread rule: used before any thread starts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "producer/cli/exit_status.hpp"

namespace penstock::cli {

struct ChildSettings {
    std::vector<std::string> frontends{"tcp://127.0.0.1:5750"};
    std::vector<std::string> backends{"tcp://127.0.0.1:5751"};
    std::string listen = "http://127.0.0.1:3000";
    std::chrono::milliseconds drain_timeout{30'000};  // the worker's
    std::chrono::milliseconds gateway_drain_timeout{30'000};
};

// `config` is the file that --config names, or empty. Settings that are not mentioned stay. On bad
// ones the error is printed, and the exit code to leave with comes back.
[[nodiscard]] std::optional<ExitCode> read_child_settings(const std::string& config,
                                                          ChildSettings& settings);

}  // namespace penstock::cli
