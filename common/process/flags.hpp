// Flags, environment and configuration file into one typed configuration. The one door to CLI11;
// the programs describe their options with its App and get Penstock's habits from here.
//
// Precedence: flag > environment (PENSTOCK_SECTION_KEY) > TOML file (--config) > default. The
// section is what follows "penstock-" in the name of the app: the option --drain-timeout of
// "penstock-worker" is PENSTOCK_WORKER_DRAIN_TIMEOUT, and `drain-timeout` under [worker] in the
// file. The app "penstock" has no section: it names the environment of its options itself.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

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

// --version, --config FILE, a help layout of 100 columns, examples as footer, and unknown flags
// and configuration keys refused with a pointer to --help.
// Requires: the app has its name.
void apply_conventions(CLI::App& app, const std::string& examples);

// Parses; prints help, version or the error itself. Returns nothing to go on with, or the exit
// code to leave with (usage errors are 2).
[[nodiscard]] std::optional<ExitCode> parse(CLI::App& app, int argc, const char* const* argv);

// Options with units, as common/process/units.hpp reads them; the error names the allowed forms.
// The target's present value is shown as the default and must outlive the app.
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& target,
                          const std::string& help);
CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& target_bytes,
                      const std::string& help);

}  // namespace penstock::process
