// The commands of `penstock`, one file each. Each add_* describes its flags; the one that the
// command line names leaves what to do in the Selection.
//
// Thread rule: used by main().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/process/flags.hpp"
#include "producer/cli/output.hpp"

namespace penstock::cli {

// A command does its work and returns the exit status.
using Command = std::function<int(const Globals&, const Output&)>;

struct Selection {
    Command command;
};

// Of a command without any flags.
struct NoOptions {};

// The most that --limit of a list takes: more than anybody ever keeps.
inline constexpr std::int64_t list_limit_max = 1'000'000'000;
// Rows of a table, if nobody says otherwise: more than a screen, and still read at once.
inline constexpr std::size_t table_rows_max = 100;

// `name` is "submit", and "add" as a verb of the noun task.
CLI::App& add_submit(CLI::App& app, Selection& selection, const std::string& name);
void add_map(CLI::App& app, Selection& selection);
void add_image(CLI::App& app, Selection& selection);
void add_task(CLI::App& app, Selection& selection);
void add_queue(CLI::App& app, Selection& selection);
void add_dead(CLI::App& app, Selection& selection);
// Its verbs that have a file of their own.
void add_dead_retry(CLI::App& noun, Selection& selection);
void add_dead_export(CLI::App& noun, Selection& selection);
void add_worker(CLI::App& app, Selection& selection);
void add_broker(CLI::App& app, Selection& selection);
void add_up(CLI::App& app, Selection& selection);
void add_context(CLI::App& app, Selection& selection);
void add_config(CLI::App& app, Selection& selection);
void add_doctor(CLI::App& app, Selection& selection);
void add_completion(CLI::App& app, Selection& selection);
void add_version(CLI::App& app, Selection& selection);

// Describes a noun, which only has verbs. Examples are in the form of common/process/examples.hpp.
[[nodiscard]] CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& help,
                                 const std::string& examples);

// Describes a command whose flags land in an Options of its own, and runs
// `int run(const Options&, const Globals&, const Output&)` when the command line names it.
template <typename Options, typename Describe, typename Run>
CLI::App& add_command(CLI::App& app, Selection& selection, const std::string& name,
                      const std::string& help, Describe describe, Run run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = app.add_subcommand(name, help);
    describe(*command, *options);
    command->callback([options, run, &selection] {
        selection.command = [options, run](const Globals& globals, const Output& output) {
            return run(*options, globals, output);
        };
    });
    return *command;
}

}  // namespace penstock::cli
