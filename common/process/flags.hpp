// Flags, environment and configuration file into one typed configuration. The one door to CLI11;
// the programs describe their options with its App and get Penstock's habits from here.
//
// Precedence: flag > environment (PENSTOCK_SECTION_KEY) > TOML file (--config, or else
// PENSTOCK_CONFIG) > default. The option --drain-timeout of a program with the section "worker" is
// PENSTOCK_WORKER_DRAIN_TIMEOUT, and `drain-timeout` under [worker] in the file. A program without
// a section names the environment of its options itself, and reads what stands in the file above
// all sections.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/process/examples.hpp"

namespace penstock::process {

// Exit codes of every program.
enum class ExitCode : int {
    ok = 0,
    error = 1,
    usage = 2,
    not_found = 3,
    conflict = 4,
    refused = 5,
    unauthorised = 6,
    unavailable = 7,
    wait_timed_out = 8,
    task_failed = 9,
};

// --version, --config FILE, a help layout of 100 columns, examples below it, the hidden --man, and
// unknown flags and configuration keys refused with a pointer to --help. A program with a section
// tells its settings (common/process/settings.hpp) with the hidden flag --settings.
//
// Requires: the app has its name.
void apply_conventions(CLI::App& app, const std::string& section, const Examples& examples);

// Parses; prints help, version or the error itself. Returns nothing to go on with, or the exit
// code to leave with (usage errors are 2). A value in brackets is one value, as it stands.
[[nodiscard]] std::optional<ExitCode> parse(CLI::App& app, int argc, const char* const* argv);

// Options with units, as common/process/units.hpp reads them; the error names the allowed forms.
// The target's present value is shown as the default and must outlive the app.
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                          const std::string& help);
CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& target_bytes,
                      const std::string& help);
// The same; `auto`, the default, is nothing.
CLI::Option* add_size_or_auto(CLI::App& app, const std::string& name,
                              std::optional<std::uint64_t>& target_bytes, const std::string& help);

}  // namespace penstock::process
