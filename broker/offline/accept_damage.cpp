#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "broker/offline/examination.hpp"
#include "broker/offline/salvaging.hpp"
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

// In one step, so that no crash leaves a data folder without a journal, in which a broker would
// begin from nothing.
Result<void> exchange(const fs::path& one, const fs::path& other) {
    if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) {
        return {};
    }
    return fail(ErrorCode::internal,
                fmt::format("cannot exchange {} and {}: {}; start the broker on the latter's "
                            "folder, or use `penstock-broker salvage`",
                            one.string(), other.string(), std::generic_category().message(errno)));
}

}  // namespace

Result<void> accept_damage(const std::string& data) {
    Result<JournalFolder> journal = open_journal_of(data);
    if (!journal) {
        return journal.error().code == ErrorCode::not_found ? Result<void>()
                                                            : tl::unexpected(journal.error());
    }
    const Result<Examination> found = examine(*journal);
    if (!found || found->is_sound()) {
        return found.map([](const Examination&) {});
    }
    telemetry::warning("{}; going on with what can be read, as --accept-damage says",
                       to_text(*found->damage));
    const std::int64_t now = Instant::read().unix_ms;
    const fs::path made = fs::path(data) / fmt::format("salvaged-{}", now);
    const Result<Salvaged> salvaged = salvage(*journal, made.string());
    if (!salvaged) {
        return tl::unexpected(salvaged.error());
    }
    const fs::path kept = fs::path(data) / fmt::format("journal.damaged-{}", now);
    if (Result<void> done = exchange(fs::path(data) / "journal", made / "journal"); !done) {
        return done;
    }
    std::error_code error;
    fs::rename(made / "journal", kept, error);
    if (!error) {
        fs::remove(made, error);
    }
    log_what_is_lost(salvaged->report);
    telemetry::warning("{} records are missing of {}; the damaged journal is kept in {}",
                       missing_records(salvaged->report),
                       missing_records(salvaged->report) + salvaged->census.records(),
                       error ? (made / "journal").string() : kept.string());
    return {};
}

}  // namespace penstock::broker::offline
