// Whether those who stop a program give it the time that it has been told to take.
//
// Thread rule: free functions.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "producer/cli/doctor/finding.hpp"

namespace penstock::cli::doctor {

// What a program may take to finish what runs, and what its service gets before it is killed.
struct Grace {
    std::string program;
    std::chrono::milliseconds drain{0};
    std::optional<std::chrono::milliseconds> stop;  // nothing: for ever
    std::string source;                             // where `stop` is from
};
[[nodiscard]] Finding judge_grace(const Grace& grace);

// As systemd reads it: "40", "1min 30s", "500ms"; nothing for "infinity" or what is no time.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_time_span(std::string_view text);

// What the installed unit of that program says, with its drop-ins and its environment file;
// nothing if there is no unit. `drain` is taken where the unit says nothing else. `root` is "/"
// but in tests.
[[nodiscard]] std::optional<Grace> grace_of_unit(const std::filesystem::path& root,
                                                 const std::string& program,
                                                 std::chrono::milliseconds drain);

// Of workers and gateways, under systemd and in Kubernetes. `config` is the file that --config
// names, or empty.
[[nodiscard]] Findings check_graces(const std::string& config);

}  // namespace penstock::cli::doctor
