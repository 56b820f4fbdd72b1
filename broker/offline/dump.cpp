#include <fmt/format.h>
#include <limits>
#include <optional>

#include "broker/offline/commands.hpp"
#include "broker/offline/examination.hpp"
#include "broker/offline/record_view.hpp"
#include "broker/offline/screen.hpp"
#include "broker/store/log/whole_record.hpp"

namespace penstock::broker::offline {
namespace {

constexpr const char* dump_examples = R"(
$ penstock-broker dump penstock-data
0 life epoch=… began_at=…
…
# what became of one task, with its arguments and payload
$ penstock-broker dump penstock-data --task 01890a5d-ac96-774b-bcce-b302099a8057 --bodies
# a JSON object per line, for programs
$ penstock-broker dump penstock-data --from 1 --to 100 --json
)";
constexpr const char* dump_remarks =
    "One record per line, oldest first: its number, its kind, its fields (docs/JOURNAL.md, section "
    "6).\n"
    "Arguments of more than 64 bytes and payloads are shown with --bodies only, the latter in "
    "hexadecimal.\n"
    "Of a damaged journal everything before the damage is printed, then the damage; the exit code "
    "is 1.";

struct DumpOptions {
    std::string data;
    std::string task;
    Sequence from = 0;
    Sequence to = std::numeric_limits<Sequence>::max();
    bool bodies = false;
    bool json = false;
};

void describe_dump(CLI::App& command, DumpOptions& options) {
    add_data_argument(command, options.data);
    command.add_option("--task", options.task, "Only records about this task")->type_name("ID");
    command.add_option("--from", options.from, "Only records from this number on");
    command.add_option("--to", options.to, "Only records up to this number");
    command.add_flag("--bodies", options.bodies, "Arguments and payloads, however long");
    command.add_flag("--json", options.json, "A JSON object per line");
    process::add_examples(command, {dump_examples, dump_remarks});
}

class Printer {
  public:
    Printer(Folder& folder, const DumpOptions& options, std::optional<TaskId> task)
        : folder_(folder), options_(options), task_(task) {}

    void take(const RawRecord& raw, const Place& batch) {
        if (raw.sequence < options_.from || raw.sequence > options_.to) {
            return;
        }
        if (raw.kind == RecordKind::life) {
            const Result<Life> life = decode_life(raw.content);
            if (life && !task_) {  // what else it is, the reader says
                print(raw, fields_of(*life));
            }
            return;
        }
        const SharedBytes content = SharedBytes::copy_of(raw.content);
        const Result<Record> record = whole_record(folder_, raw, content, batch);
        if (!record) {
            print(raw, {{"error", record.error().message}});
            note(Damage{batch.segment, std::uint64_t{batch.sector} * sector_bytes,
                        fmt::format("record {}: {}", raw.sequence, record.error().message)});
        } else if (!task_ || is_about(*record, *task_)) {
            print(raw, fields_of(*record, options_.bodies ? Bodies::whole : Bodies::sizes));
        }
    }

    // Counts the first one.
    void note(const Damage& damage) {
        if (!damage_) {
            damage_ = damage;
        }
    }
    [[nodiscard]] const std::optional<Damage>& damage() const { return damage_; }

  private:
    void print(const RawRecord& raw, const Fields& fields) const {
        print_line(options_.json ? json_from_value(to_json(raw.sequence, raw.kind, fields))
                                 : to_text(raw.sequence, raw.kind, fields));
    }

    Folder& folder_;
    const DumpOptions& options_;
    std::optional<TaskId> task_;
    std::optional<Damage> damage_;
};

process::ExitCode print_all(const JournalFolder& journal, const DumpOptions& options,
                            const std::optional<TaskId>& task) {
    Printer printer(*journal.folder, options, task);
    const Result<ExaminedLog> log =
        examine_log(*journal.folder,
                    [&](const RawRecord& raw, const Place& batch) { printer.take(raw, batch); });
    if (!log) {
        return report(log.error());
    }
    if (log->state.torn) {
        complain(torn_text(*log->state.torn));
    }
    if (log->damage) {
        printer.note(*log->damage);
    }
    if (!printer.damage()) {
        return leave_with(process::ExitCode::ok);
    }
    if (options.json) {
        print_line(json_from_value({{"damage", to_json(*printer.damage())}}));
    }
    complain(to_text(*printer.damage()));
    return leave_with(process::ExitCode::error);
}

process::ExitCode run_dump(const DumpOptions& options) {
    std::optional<TaskId> task;
    if (!options.task.empty()) {
        const Result<TaskId> id = parse_task_id(options.task);
        if (!id) {
            complain("--task: " + id.error().message);
            return process::ExitCode::usage;
        }
        task = *id;
    }
    const Result<JournalFolder> journal = open_journal_of(options.data);
    return journal ? print_all(*journal, options, task) : report(journal.error());
}

}  // namespace

void add_dump(CLI::App& app, Command& chosen) {
    add_command<DumpOptions>(app, chosen, "dump", "Print a journal, one record per line",
                             describe_dump, run_dump);
}

}  // namespace penstock::broker::offline
