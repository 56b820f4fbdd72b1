#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "broker/offline/commands.hpp"
#include "broker/offline/examination.hpp"
#include "broker/offline/fresh_journal.hpp"
#include "broker/offline/screen.hpp"

namespace penstock::broker::offline {
namespace {

constexpr const char* restore_examples = R"(
$ penstock broker backup sunday
…
$ penstock-broker restore sunday restored
journal   sunday/journal
…
sound
restored  restored, with epoch …
# then
$ penstock-broker check restored --json
{…"sound":true…}
)";
constexpr const char* restore_remarks =
    "Checks the backup first, and refuses one that is damaged, and a folder that holds anything.\n"
    "What the original broker did after the backup is not in it: tasks that ended since run "
    "again,\n"
    "and no worker that holds one of the original's leases can end a task here.\n"
    "Exit codes: 0 restored, 1 damaged, 3 no backup there, 4 DIR holds something, 5 no room.";

struct RestoreOptions {
    std::string backup;
    std::string data;
    bool json = false;
};

void describe_restore(CLI::App& command, RestoreOptions& options) {
    command.add_option("BACKUP", options.backup, "What `penstock broker backup` has made")
        ->required();
    command.add_option("DIR", options.data, "The data folder to make; new, or empty")->required();
    command.add_flag("--json", options.json, "One JSON object instead of lines for people");
    process::add_examples(command, {restore_examples, restore_remarks});
}

// Zeros, too: a segment has all its bytes before it is written to.
Result<void> copy_bytes(const File& from, File& to) {
    const Result<std::uint64_t> size = from.size_bytes();
    if (!size) {
        return tl::unexpected(size.error());
    }
    std::vector<std::byte> piece(std::size_t{1} << 20U);
    for (std::uint64_t offset = 0; offset < *size; offset += piece.size()) {
        piece.resize(std::min<std::uint64_t>(piece.size(), *size - offset));
        if (Result<void> read = from.read(offset, piece); !read) {
            return read;
        }
        if (Result<void> written = to.write(offset, piece); !written) {
            return written;
        }
    }
    return to.sync();
}

Result<void> copy_files(const JournalFolder& from, Folder& to) {
    const std::vector<std::string> names = from.files();
    Progress progress("copying file", names.size());
    for (const std::string& name : names) {
        progress.step();
        const Result<std::unique_ptr<File>> source = from.folder->open(name);
        if (!source) {
            return tl::unexpected(source.error());
        }
        const Result<std::unique_ptr<File>> copy = to.create(name);
        if (!copy) {
            return tl::unexpected(copy.error());
        }
        if (Result<void> copied = copy_bytes(**source, **copy); !copied) {
            return copied;
        }
    }
    return to.sync_names();
}

Result<Epoch> restore(const JournalFolder& backup, const RestoreOptions& options, Epoch known) {
    Result<FreshJournal> fresh = FreshJournal::begin(options.data);
    if (!fresh) {
        return tl::unexpected(fresh.error());
    }
    if (Result<void> copied = copy_files(backup, fresh->folder()); !copied) {
        return tl::unexpected(copied.error());
    }
    return fresh->finish(known);
}

process::ExitCode run_restore(const RestoreOptions& options) {
    const Result<JournalFolder> backup = open_journal_of(options.backup);
    if (!backup) {
        return report(backup.error());
    }
    const Result<Examination> found = examine(*backup);
    if (!found) {
        return report(found.error());
    }
    if (!found->is_sound()) {
        print_line(options.json ? json_from_value(to_json(*found)) : to_text(*found));
        complain(
            fmt::format("the backup is damaged, and nothing was made of it; `penstock-broker "
                        "salvage {} {}` copies what can still be read",
                        options.backup, options.data));
        return leave_with(process::ExitCode::error);
    }
    const Result<Epoch> epoch = restore(*backup, options, found->state.epoch);
    if (!epoch) {
        return report(epoch.error());
    }
    if (options.json) {
        print_line(json_from_value(
            {{"backup", to_json(*found)}, {"folder", options.data}, {"epoch", epoch->value}}));
    } else {
        print_line(to_text(*found));
        print_line(fmt::format("restored  {}, with epoch {}", options.data, epoch->value));
    }
    return leave_with(process::ExitCode::ok);
}

}  // namespace

void add_restore(CLI::App& app, Command& chosen) {
    add_command<RestoreOptions>(app, chosen, "restore", "Make a data folder of a backup",
                                describe_restore, run_restore);
}

}  // namespace penstock::broker::offline
