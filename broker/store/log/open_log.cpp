#include "broker/store/log/open_log.hpp"

#include <algorithm>
#include <utility>

#include "common/model/assert.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::broker {

OpenLog::OpenLog(std::unique_ptr<Folder> folder, const LogOptions& options,
                 const JournalId& new_journal)
    : folder_(std::move(folder)), options_(options), new_journal_(new_journal) {}

Result<void> OpenLog::replay(const RecordReader& visit) {
    PENSTOCK_ASSERT(!writer_);
    std::optional<Error> undecodable;
    Result<LogState> state = read_log(*folder_, [&](const RawRecord& raw, const Place& batch) {
        // Its views lead into the content.
        const SharedBytes content = SharedBytes::copy_of(raw.content);
        const Result<Record> record = decode_record(raw.kind, content);
        if (record) {
            visit(*record, raw.sequence);
        } else if (!undecodable) {
            undecodable = Error{ErrorCode::malformed,
                                to_text(Damage{batch.segment, batch.sector * sector_bytes,
                                               record.error().message})};
        }
    });
    if (!state) {
        return tl::unexpected(state.error());
    }
    if (undecodable) {
        return tl::unexpected(*std::move(undecodable));
    }
    found_ = *std::move(state);
    if (found_.torn) {
        telemetry::warning("{}", to_text(*found_.torn));
    }
    telemetry::info("read the journal segments={} last_record={}", found_.segments.size(),
                    found_.position.last_sequence);
    writer_.emplace(*folder_, options_, found_, new_journal_);
    return writer_->recover();
}

Result<Epoch> OpenLog::begin_epoch(Instant now) {
    PENSTOCK_ASSERT(writer_);
    // Also greater than what a broker without a disk would take, should this one have been that.
    const std::uint64_t microseconds = static_cast<std::uint64_t>(now.unix_ms) * 1000;
    const Epoch epoch{std::max(found_.epoch.value + 1, microseconds)};
    if (Result<void> written = writer_->write_life({epoch, now.unix_ms}); !written) {
        return tl::unexpected(written.error());
    }
    return epoch;
}

}  // namespace penstock::broker
