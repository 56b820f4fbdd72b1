#include <fmt/format.h>
#include <optional>

#include "broker/offline/census.hpp"
#include "broker/offline/commands.hpp"
#include "broker/offline/examination.hpp"
#include "broker/offline/fresh_journal.hpp"
#include "broker/offline/record_view.hpp"
#include "broker/offline/salvaged_journal.hpp"
#include "broker/offline/screen.hpp"
#include "broker/store/log/batch_queue.hpp"
#include "broker/store/log/journal_id.hpp"
#include "broker/store/log/log_writer.hpp"

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

// Writes records behind each other, numbered anew from `last` on.
class Copier {
  public:
    Copier(Folder& folder, Sequence last, Epoch epoch)
        : writer_(folder, {}, state_at(last, epoch), random_journal_id()),
          batches_(writer_.state().position),
          done_(writer_.recover()) {}

    void add(const Record& record) {
        batches_.add({&record, 1}, encode_records({&record, 1}));
        if (batches_.size_bytes() > BatchQueue::batch_bytes) {
            write();
        }
    }
    [[nodiscard]] Result<void> finish() {
        write();
        return done_;
    }

  private:
    static LogState state_at(Sequence last, Epoch epoch) {
        LogState state;
        state.position.last_sequence = last;
        state.epoch = epoch;
        return state;
    }
    // After a failure nothing is written any more.
    void write() {
        while (!batches_.empty()) {
            Batch batch = batches_.take();
            if (done_) {
                done_ = writer_.write(batch);
            }
            batches_.reuse(std::move(batch));
        }
    }

    LogWriter writer_;
    BatchQueue batches_;
    Result<void> done_;
};

struct Salvaged {
    SalvageReport report;
    Census census;  // of what was copied
    Epoch epoch;    // of the new journal's life
};

Result<Salvaged> salvage(const JournalFolder& journal, const std::string& folder) {
    Result<SalvagedJournal> damaged = SalvagedJournal::open(journal);
    if (!damaged) {
        return tl::unexpected(damaged.error());
    }
    Salvaged found;
    // Numbers of the new journal begin behind all of the old one's, so that what has been derived
    // from that (an archive) takes them for news. So its end has to be known first.
    found.report = damaged->read(
        [&](Sequence sequence, const Record& record) { found.census.take(record, sequence); });
    if (found.census.records() == 0) {
        return fail(ErrorCode::internal, "no record can be read; nothing was made");
    }
    Result<FreshJournal> fresh = FreshJournal::begin(folder);
    if (!fresh) {
        return tl::unexpected(fresh.error());
    }
    Copier copier(fresh->folder(), found.report.last, found.report.epoch);
    static_cast<void>(damaged->read([&](Sequence, const Record& record) { copier.add(record); }));
    if (Result<void> written = copier.finish(); !written) {
        return tl::unexpected(written.error());
    }
    const Result<Epoch> epoch = fresh->finish(found.report.epoch);
    if (!epoch) {
        return tl::unexpected(epoch.error());
    }
    found.epoch = *epoch;
    return found;
}

std::uint64_t count(const std::vector<MissingRecords>& missing) {
    std::uint64_t sum = 0;
    for (const MissingRecords& range : missing) {
        sum += range.count();
    }
    return sum;
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
                         count(found->report.missing), more, options.data));
    return leave_with(process::ExitCode::error);
}

}  // namespace

void add_salvage(CLI::App& app, Command& chosen) {
    add_command<SalvageOptions>(app, chosen, "salvage",
                                "Copy what can still be read of a damaged journal",
                                describe_salvage, run_salvage);
}

}  // namespace penstock::broker::offline
