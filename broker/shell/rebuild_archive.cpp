#include "broker/shell/rebuild_archive.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "broker/core/scheduler.hpp"
#include "broker/shell/config.hpp"
#include "broker/store/broker_life.hpp"
#include "broker/store/log/posix_files.hpp"
#include "broker/store/segmented_log.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::broker {
namespace {

namespace fs = std::filesystem;

constexpr const char* rebuild_examples = R"(
$ penstock-broker rebuild-archive penstock-data
tasks in the archive: …
)";
// Entries put in at once.
constexpr std::size_t part_tasks = 10'000;

// What the journal's records tell an archive that has nothing.
Result<std::vector<ArchiveEntry>> entries_of(Journal& journal, const RebuildOptions& options) {
    Settings settings;
    settings.archive = true;
    settings.history_queues = options.history_queues;
    const Instant now = Instant::read();
    Scheduler scheduler(settings, 0, now);
    Sequence last = 0;
    if (auto replayed = journal.replay([&](const Record& record, Sequence sequence) {
            scheduler.restore(record, sequence);
            last = sequence;
        });
        !replayed) {
        return tl::unexpected(replayed.error());
    }
    scheduler.begin(Epoch{1}, last, now);
    Effects effects;
    scheduler.advance(now, effects);
    // What would end because a broker starts has not ended.
    std::erase_if(effects.archive_entries,
                  [last](const ArchiveEntry& entry) { return entry.sequence > last; });
    return std::move(effects.archive_entries);
}

Result<std::uint64_t> fill(SqliteArchive& archive, Journal& journal,
                           std::vector<ArchiveEntry> entries, const ArchiveLimits& limits) {
    for (std::size_t at = 0; at < entries.size(); at += part_tasks) {
        const std::size_t count = std::min(part_tasks, entries.size() - at);
        const std::span part = std::span(entries).subspan(at, count);
        if (Result<void> put =
                read_bodies(journal, part).and_then([&] { return archive.apply(part); });
            !put) {
            return tl::unexpected(put.error());
        }
        std::ranges::fill(part, ArchiveEntry{});  // they take no memory any more
    }
    while (true) {
        const Result<std::uint64_t> removed = archive.purge(limits, Instant::read().unix_ms);
        if (!removed || *removed == 0) {
            return removed.map([&](std::uint64_t) { return archive.tasks(); });
        }
    }
}

// SQLite's own files belong to the one beside them.
void remove_with_companions(const fs::path& file) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        fs::remove(file.string() + suffix, ignored);
    }
}

Result<void> rename_with_companions(const fs::path& from, const fs::path& to) {
    remove_with_companions(to);
    for (const char* suffix : {"-wal", "-shm", ""}) {
        const fs::path file = from.string() + suffix;
        std::error_code error;
        if (fs::exists(file, error)) {
            fs::rename(file, to.string() + suffix, error);
        }
        if (error) {
            return fail(ErrorCode::internal, "cannot rename " + file.string() + " to " +
                                                 to.string() + suffix + ": " + error.message());
        }
    }
    return {};
}

}  // namespace

Result<RebuiltArchive> rebuild_archive(const RebuildOptions& options) {
    const fs::path data = options.data;
    if (!fs::is_directory(data / "journal")) {
        return fail(ErrorCode::not_found, "there is no journal in " + data.string() +
                                              "; name the folder that --data names");
    }
    Result<std::unique_ptr<Folder>> folder = open_folder(data / "journal");
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    SegmentedLog journal(*std::move(folder), LogOptions{}, JournalId{});
    Result<std::vector<ArchiveEntry>> entries = entries_of(journal, options);
    if (!entries) {
        return tl::unexpected(entries.error());
    }
    const fs::path made = data / "archive.sqlite.new";
    remove_with_companions(made);
    RebuiltArchive rebuilt;
    {
        Result<SqliteArchive> archive = SqliteArchive::open(made.string());
        const auto filled = archive.and_then([&](SqliteArchive& opened) {
            return fill(opened, journal, *std::move(entries), options.limits);
        });
        if (!filled) {
            return tl::unexpected(filled.error());
        }
        rebuilt.tasks = *filled;
    }
    const fs::path file = data / "archive.sqlite";
    if (fs::exists(file)) {
        rebuilt.set_aside = file.string() + ".old";
        if (Result<void> renamed = rename_with_companions(file, rebuilt.set_aside); !renamed) {
            return tl::unexpected(renamed.error());
        }
    }
    if (Result<void> renamed = rename_with_companions(made, file); !renamed) {
        return tl::unexpected(renamed.error());
    }
    return rebuilt;
}

void add_rebuild_archive(CLI::App& app, std::function<process::ExitCode()>& chosen) {
    const auto options = std::make_shared<RebuildOptions>();
    CLI::App& command = *app.add_subcommand(
        "rebuild-archive", "Makes the archive anew from the journal of a broker that is stopped");
    command.add_option("DIR", options->data, "The folder that --data names")->required();
    add_archive_options(command, options->history_queues, options->limits);
    process::add_examples(command, {rebuild_examples, ""});
    command.callback([options, &chosen] {
        chosen = [options] {
            telemetry::start_log("penstock-broker", telemetry::Level::warning);
            const Result<RebuiltArchive> rebuilt = rebuild_archive(*options);
            if (!rebuilt) {
                static_cast<void>(
                    std::fprintf(stderr, "penstock-broker: %s\n", rebuilt.error().message.c_str()));
                return process::ExitCode::error;
            }
            std::printf("tasks in the archive: %llu\n",
                        static_cast<unsigned long long>(rebuilt->tasks));
            if (!rebuilt->set_aside.empty()) {
                std::printf("the former one is now %s\n", rebuilt->set_aside.c_str());
            }
            return process::ExitCode::ok;
        };
    });
}

}  // namespace penstock::broker
