// The commands of penstock-broker that work on the folder of a broker that does not run, one file
// each. Each add_* describes its flags; the one that the command line names leaves what to do.
//
// Thread rule: used by main(), before any thread starts.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/process/flags.hpp"

namespace penstock::broker::offline {

// Does its work, prints, and returns the exit code to leave with.
using Command = std::function<process::ExitCode()>;

void add_check(CLI::App& app, Command& chosen);
void add_dump(CLI::App& app, Command& chosen);
void add_restore(CLI::App& app, Command& chosen);
void add_salvage(CLI::App& app, Command& chosen);

// All of them. `chosen` stays empty if the command line names none.
void add_commands(CLI::App& app, Command& chosen);

// Describes a command whose flags land in an Options of its own, and runs
// `process::ExitCode run(const Options&)` when the command line names it.
template <typename Options, typename Describe, typename Run>
void add_command(CLI::App& app, Command& chosen, const std::string& name, const std::string& help,
                 Describe describe, Run run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = app.add_subcommand(name, help);
    describe(*command, *options);
    command->callback(
        [options, run, &chosen] { chosen = [options, run] { return run(*options); }; });
}

}  // namespace penstock::broker::offline
