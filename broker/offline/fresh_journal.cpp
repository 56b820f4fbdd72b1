#include "broker/offline/fresh_journal.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "broker/store/log/journal_id.hpp"
#include "broker/store/log/log_writer.hpp"
#include "broker/store/log/posix_files.hpp"
#include "common/model/time.hpp"

namespace penstock::broker::offline {
namespace {

namespace fs = std::filesystem;

std::uint64_t random_number() {
    const JournalId bytes = random_journal_id();
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

}  // namespace

Epoch epoch_of_copy(Epoch known, std::int64_t unix_ms, std::uint64_t random) {
    // Microseconds: about a quarter of an hour, so that a clock has soon caught up with it.
    constexpr std::uint64_t apart_max = std::uint64_t{1} << 30U;
    const std::uint64_t clock = static_cast<std::uint64_t>(unix_ms) * 1000;
    return {std::max(known.value, clock) + 1 + random % apart_max};
}

Result<FreshJournal> FreshJournal::begin(const std::string& data) {
    std::error_code error;
    const fs::path folder(data);
    if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
        return fail(ErrorCode::conflict,
                    data +
                        " is there already, and not empty: name a new folder, or move this one "
                        "away");
    }
    fs::path unfinished = folder / "journal.unfinished";
    Result<std::unique_ptr<Folder>> opened = open_folder(unfinished);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return FreshJournal(folder / "journal", std::move(unfinished), *std::move(opened));
}

FreshJournal::~FreshJournal() {
    if (!unfinished_.empty()) {
        folder_.reset();
        std::error_code ignored;
        fs::remove_all(unfinished_, ignored);
    }
}

FreshJournal::FreshJournal(FreshJournal&& other) noexcept
    : place_(std::move(other.place_)),
      unfinished_(std::exchange(other.unfinished_, {})),
      folder_(std::move(other.folder_)) {}

Result<Epoch> FreshJournal::finish(Epoch known) {
    Result<LogState> state = read_log(*folder_, [](const RawRecord&, const Place&) {});
    if (!state) {
        return tl::unexpected(state.error());
    }
    const Instant now = Instant::read();
    const Epoch epoch = epoch_of_copy(std::max(known, state->epoch), now.unix_ms, random_number());
    LogWriter writer(*folder_, {}, *std::move(state), random_journal_id());
    if (Result<void> done = writer.recover().and_then([&] {
            return writer.write_life({epoch, now.unix_ms});
        });
        !done) {
        return tl::unexpected(done.error());
    }
    std::error_code error;
    fs::rename(unfinished_, place_, error);
    if (error) {
        return fail(ErrorCode::internal,
                    fmt::format("cannot rename {} to {}: {}", unfinished_.string(), place_.string(),
                                error.message()));
    }
    unfinished_.clear();
    if (Result<void> safe = sync_folder(place_.parent_path()); !safe) {
        return tl::unexpected(safe.error());
    }
    return epoch;
}

}  // namespace penstock::broker::offline
