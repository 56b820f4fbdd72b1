#include <fmt/format.h>
#include <memory>
#include <utility>

#include "producer/cli/backup_copy.hpp"
#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/interrupt.hpp"

namespace penstock::cli {
namespace {

constexpr const char* noun_examples = R"(
$ penstock broker backup tonight
…
)";
constexpr const char* examples = R"(
$ penstock broker backup monday
Copied … to monday.
# for programs
$ penstock broker backup tuesday --json
{"bytes":…,"files":…,"folder":"tuesday"}
)";
constexpr const char* remarks =
    "The broker goes on meanwhile. The backup has every task that it had accepted on disk before, "
    "and is\n"
    "complete or not there. `penstock-broker restore` makes a data folder of it.";

struct BackupOptions {
    std::string folder;
};

void describe_backup(CLI::App& command, BackupOptions& options) {
    command.add_option("DIR", options.folder, "The folder for the backup; new, or empty")
        ->required();
    process::add_examples(command, {examples, remarks});
}

// Redrawn in place, on a terminal.
class CopyLine {
  public:
    explicit CopyLine(const Output& output) : output_(output) {}
    ~CopyLine() {
        if (output_.draws_progress()) {
            output_.raw_error(clear);
        }
    }
    CopyLine(const CopyLine&) = delete;
    CopyLine& operator=(const CopyLine&) = delete;
    void draw(std::uint64_t bytes) const {
        if (output_.draws_progress()) {
            output_.raw_error(fmt::format("{}{} copied", clear, size_words(bytes)));
        }
    }

  private:
    static constexpr const char* clear = "\r\x1b[K";
    const Output& output_;
};

// The status to leave with, if it is interrupted.
Result<int> copy_all(BackupCopy& copy, client::Client& client, const Globals& globals,
                     const Output& output) {
    const Interrupt interrupt;
    const CopyLine line(output);
    while (copy.next()) {
        const Result<protocol::BackupPart> part =
            wait_for_answer(client.backup(*copy.next()), globals);
        if (interrupt.signal() != 0) {
            return exit_status(interrupt.signal());
        }
        if (!part) {
            return tl::unexpected(part.error());
        }
        if (Result<void> taken = copy.take(*part); !taken) {
            return tl::unexpected(taken.error());
        }
        line.draw(copy.bytes());
    }
    return exit_status(ExitCode::ok);
}

int run_backup(const BackupOptions& options, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    Result<BackupCopy> copy = BackupCopy::begin(options.folder);
    if (!copy) {
        return report(output, copy.error());
    }
    const Result<int> copied = copy_all(*copy, broker->client, globals, output);
    if (!copied) {
        return report(output, copied.error());
    }
    if (*copied != exit_status(ExitCode::ok)) {
        output.error("interrupted: there is no backup");
        return *copied;
    }
    if (const Result<void> finished = copy->finish(); !finished) {
        return report(output, finished.error());
    }
    if (output.json()) {
        output.value(
            {{"folder", options.folder}, {"files", copy->files()}, {"bytes", copy->bytes()}});
    } else {
        output.line(fmt::format("Copied {} in {} files to {}.", size_words(copy->bytes()),
                                copy->files(), options.folder));
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_broker(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "broker", "Look after the broker", noun_examples);
    add_command<BackupOptions>(noun, selection, "backup", "Copy the journal of a running broker",
                               describe_backup, run_backup);
}

}  // namespace penstock::cli
