#include <fmt/format.h>

#include "broker/offline/commands.hpp"
#include "broker/offline/examination.hpp"
#include "broker/offline/screen.hpp"

namespace penstock::broker::offline {
namespace {

constexpr const char* examples = R"(
$ penstock-broker check penstock-data
journal   penstock-data/journal
…
sound
# for programs
$ penstock-broker check penstock-data --json
{…"sound":true…}
)";
constexpr const char* remarks =
    "Reads every byte and every record, and changes nothing. Stop the broker before, or check a "
    "backup.\n"
    "A torn tail is no damage: nobody was promised anything of it, and the next broker cuts it.\n"
    "Exit codes: 0 sound, 1 damaged (file, byte and reason are told), 3 no journal there, 4 in "
    "use.";

struct CheckOptions {
    std::string data;
    bool json = false;
};

void describe_check(CLI::App& command, CheckOptions& options) {
    add_data_argument(command, options.data);
    command.add_flag("--json", options.json, "One JSON object instead of lines for people");
    process::add_examples(command, {examples, remarks});
}

process::ExitCode run_check(const CheckOptions& options) {
    const Result<JournalFolder> journal = open_journal_of(options.data);
    if (!journal) {
        return report(journal.error());
    }
    const Result<Examination> found = examine(*journal);
    if (!found) {
        return report(found.error());
    }
    print_line(options.json ? json_from_value(to_json(*found)) : to_text(*found));
    if (!found->is_sound()) {
        complain(
            fmt::format("the journal is damaged; `penstock-broker salvage {} NEWDIR` copies "
                        "what can still be read",
                        options.data));
    }
    return leave_with(found->is_sound() ? process::ExitCode::ok : process::ExitCode::error);
}

}  // namespace

void add_check(CLI::App& app, Command& chosen) {
    add_command<CheckOptions>(app, chosen, "check", "Verify a data folder, changing nothing",
                              describe_check, run_check);
}

}  // namespace penstock::broker::offline
