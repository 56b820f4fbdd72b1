#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "broker/offline/examination.hpp"
#include "broker/offline/salvaging.hpp"
#include "broker/store/log/posix_files.hpp"
#include "common/model/time.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::broker::offline {
namespace {

namespace fs = std::filesystem;

void log_what_is_lost(const SalvageReport& report) {
    for (const LostPart& part : report.lost) {
        telemetry::warning("lost {} bytes at byte {} of {}: {}", part.range.bytes,
                           part.range.offset_bytes, part.file, part.range.why);
    }
    for (const MissingRecords& range : report.missing) {
        telemetry::warning("missing are the records {} to {}", range.first, range.last);
    }
    if (report.end_is_unknown) {
        telemetry::warning("missing is what there may have been after record {}", report.last);
    }
}

tl::unexpected<Error> cannot(const std::string& what) {
    return fail(ErrorCode::internal,
                fmt::format("cannot {}: {}; `penstock-broker salvage` makes a new data folder "
                            "instead",
                            what, std::generic_category().message(errno)));
}

// Of a try that did not end: what is complete in there may be the damaged journal, and stays.
void clear_away(const fs::path& made) {
    std::error_code ignored;
    if (fs::exists(made / "journal", ignored)) {
        fs::rename(made, fmt::format("{}.left-{}", made.string(), Instant::read().unix_ms));
    } else {
        fs::remove_all(made, ignored);
    }
}

// Puts the damaged journal, which has been exchanged, where it stays. Returns that place.
Result<fs::path> keep_damaged(const fs::path& data, const fs::path& made) {
    fs::path kept = data / fmt::format("journal.damaged-{}", Instant::read().unix_ms);
    fs::rename(made / "journal", kept);
    fs::remove(made);
    return sync_folder(data).map([&] { return kept; });
}

// Puts the salvaged journal in the damaged one's place. In one step, so that no crash leaves a data
// folder without a journal, in which a broker would begin from nothing. Returns where the damaged
// one is.
Result<fs::path> exchange(const fs::path& data, const fs::path& made) {
    const fs::path journal = data / "journal";
    const fs::path salvaged = made / "journal";
    if (::renameat2(AT_FDCWD, journal.c_str(), AT_FDCWD, salvaged.c_str(), RENAME_EXCHANGE) != 0) {
        const auto error = cannot("exchange " + journal.string() + " and " + salvaged.string());
        fs::remove_all(made);
        return error;
    }
    if (Result<void> safe = sync_folder(made).and_then([&] { return sync_folder(data); }); !safe) {
        return tl::unexpected(safe.error());
    }
    return keep_damaged(data, made);
}

}  // namespace

Result<void> accept_damage(const std::string& data) {
    if (!fs::exists(fs::path(data) / "journal")) {
        return {};
    }
    // One at a time, before the journal is looked up: another one may put a new one in its place.
    const Result<std::unique_ptr<Folder>> alone = open_folder(data);
    if (!alone) {
        return tl::unexpected(alone.error());
    }
    Result<JournalFolder> journal = open_journal_of(data);
    if (!journal) {
        return journal.error().code == ErrorCode::not_found ? Result<void>()
                                                            : tl::unexpected(journal.error());
    }
    const fs::path folder = data;
    const fs::path made = folder / "salvaging";
    const Result<Examination> found = examine(*journal);
    if (!found) {
        return tl::unexpected(found.error());
    }
    if (found->is_sound()) {
        // A start that was killed behind the exchange has left the damaged one there.
        return fs::exists(made / "journal") ? keep_damaged(folder, made).map([](const fs::path&) {})
                                            : Result<void>();
    }
    telemetry::warning("{}; going on with what can be read, as --accept-damage says",
                       to_text(*found->damage));
    if (fs::is_symlink(folder / "journal")) {
        errno = EINVAL;
        return cannot("exchange " + (folder / "journal").string() + ", which is a link");
    }
    clear_away(made);
    const Result<Salvaged> salvaged = salvage(*journal, made.string());
    if (!salvaged) {
        clear_away(made);
        return tl::unexpected(salvaged.error());
    }
    const Result<fs::path> kept = exchange(folder, made);
    if (!kept) {
        return tl::unexpected(kept.error());
    }
    log_what_is_lost(salvaged->report);
    telemetry::warning("{} records are missing of {}; the damaged journal is kept in {}",
                       missing_records(salvaged->report),
                       missing_records(salvaged->report) + salvaged->census.records(),
                       kept->string());
    return {};
}

}  // namespace penstock::broker::offline
