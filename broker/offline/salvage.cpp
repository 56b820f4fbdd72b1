#include <fmt/format.h>
#include <optional>

#include "broker/offline/commands.hpp"
#include "broker/offline/examination.hpp"
#include "broker/offline/record_view.hpp"
#include "broker/offline/salvaging.hpp"
#include "broker/offline/screen.hpp"

namespace penstock::broker::offline {
namespace {

constexpr const char* salvage_examples = R"(
$ penstock-broker salvage penstock-data salvaged
journal   penstock-data/journal
…
missing   nothing
salvaged  salvaged, with epoch …
# then
$ penstock-broker check salvaged --json
{…"sound":true…}
)";
constexpr const char* salvage_remarks =
    "For a journal that a broker refuses as damaged. Changes nothing in DIR: a new journal in\n"
    "NEWDIR gets every record that can still be read, and what cannot is listed: bytes of files,\n"
    "and numbers of records. A task whose beginning is missing is gone (submit it again with the\n"
    "same id); one whose end is missing is open again, and runs once more.\n"
    "Exit codes: 0 nothing is missing, 1 something is, or nothing could be read, 3 no journal\n"
    "there, 4 in use, or NEWDIR holds something, 5 no room.";

struct SalvageOptions {
    std::string data;
    std::string salvaged;
    bool json = false;
};

void describe_salvage(CLI::App& command, SalvageOptions& options) {
    add_data_argument(command, options.data);
    command.add_option("NEWDIR", options.salvaged, "The data folder to make; new, or empty")
        ->required();
    command.add_flag("--json", options.json, "One JSON object instead of lines for people");
    process::add_examples(command, {salvage_examples, salvage_remarks});
}

void print_text(const SalvageOptions& options, const JournalFolder& journal,
                const Salvaged& found) {
    const SalvageReport& report = found.report;
    print_line(fmt::format("journal   {}\ncopied    {} records\ntasks     {} open, {} finished",
                           journal.path, found.census.records(), found.census.open_tasks(),
                           found.census.finished_tasks()));
    for (const LostPart& part : report.lost) {
        print_line(fmt::format("lost      {} bytes at byte {} of {}: {}", part.range.bytes,
                               part.range.offset_bytes, part.file, part.range.why));
    }
    for (const MissingRecords& range : report.missing) {
        print_line(fmt::format("missing   records {} to {}", range.first, range.last));
    }
    if (report.end_is_unknown) {
        print_line(fmt::format("missing   what there may have been after record {}", report.last));
    } else if (report.missing.empty()) {
        print_line("missing   nothing");
    }
    print_line(fmt::format("salvaged  {}, with epoch {}", options.salvaged, found.epoch.value));
}

void print_json(const SalvageOptions& options, const Salvaged& found) {
    Value lost = Value::array();
    for (const LostPart& part : found.report.lost) {
        lost.push_back({{"file", part.file},
                        {"byte", part.range.offset_bytes},
                        {"bytes", part.range.bytes},
                        {"reason", part.range.why}});
    }
    Value missing = Value::array();
    for (const MissingRecords& range : found.report.missing) {
        missing.push_back({{"first", range.first}, {"last", range.last}});
    }
    print_line(json_from_value({{"folder", options.salvaged},
                                {"epoch", found.epoch.value},
                                {"records", found.census.records()},
                                {"open_tasks", found.census.open_tasks()},
                                {"finished_tasks", found.census.finished_tasks()},
                                {"lost", lost},
                                {"missing", missing},
                                {"end_is_unknown", found.report.end_is_unknown}}));
}

process::ExitCode run_salvage(const SalvageOptions& options) {
    const Result<JournalFolder> journal = open_journal_of(options.data);
    if (!journal) {
        return report(journal.error());
    }
    const Result<Salvaged> found = salvage(*journal, options.salvaged);
    if (!found) {
        return report(found.error());
    }
    if (options.json) {
        print_json(options, *found);
    } else {
        print_text(options, *journal, *found);
    }
    if (found->report.missing.empty() && !found->report.end_is_unknown) {
        return leave_with(process::ExitCode::ok);
    }
    const char* const more = found->report.end_is_unknown ? ", and perhaps more at the end" : "";
    complain(fmt::format("{} records are missing{}; {} was not changed",
                         missing_records(found->report), more, options.data));
    return leave_with(process::ExitCode::error);
}

}  // namespace

void add_salvage(CLI::App& app, Command& chosen) {
    add_command<SalvageOptions>(app, chosen, "salvage",
                                "Copy what can still be read of a damaged journal",
                                describe_salvage, run_salvage);
}

}  // namespace penstock::broker::offline
