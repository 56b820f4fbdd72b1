#include "broker/store/log/open_log.hpp"

#include <algorithm>
#include <utility>

#include "broker/store/log/whole_record.hpp"
#include "common/model/assert.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::broker {

OpenLog::OpenLog(std::unique_ptr<Folder> folder, const LogOptions& options,
                 const JournalId& new_journal)
    : folder_(std::move(folder)), options_(options), new_journal_(new_journal), stored_(*folder_) {}

Result<void> OpenLog::replay(const RecordReader& visit) {
    PENSTOCK_ASSERT(!writer_);
    std::optional<Error> failed;
    std::optional<Place> last_batch;
    Result<LogState> state = read_log(*folder_, [&](const RawRecord& raw, const Place& batch) {
        if (!last_batch || last_batch->segment != batch.segment ||
            last_batch->sector != batch.sector) {
            stored_.add(raw.sequence, batch);
            last_batch = batch;
        }
        // Its views lead into the content.
        const SharedBytes content = SharedBytes::copy_of(raw.content);
        const Result<Record> record = whole_record(*folder_, raw, content, batch);
        if (record) {
            visit(*record, raw.sequence);
        } else if (!failed) {
            // What the system does not give is no damage.
            failed = record.error().code != ErrorCode::malformed
                         ? record.error()
                         : Error{ErrorCode::malformed,
                                 to_text(Damage{batch.segment, batch.sector * sector_bytes,
                                                record.error().message})};
        }
    });
    if (!state) {
        return tl::unexpected(state.error());
    }
    if (failed) {
        return tl::unexpected(*std::move(failed));
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

Result<void> OpenLog::write(Batch& batch) {
    const Sequence first = writer_->state().position.last_sequence + 1;
    Result<void> written = writer_->write(batch);
    if (written) {
        const LogState& state = writer_->state();
        stored_.add(first, {state.journal, state.segments.back().number, state.last_batch.first});
    }
    return written;
}

Result<void> OpenLog::trim(Sequence sequence) {
    Result<void> trimmed = writer_->trim(sequence);
    if (trimmed && !writer_->state().segments.empty()) {
        stored_.forget_before(writer_->state().segments.front().number);
    }
    return trimmed;
}

Result<std::size_t> OpenLog::read(std::span<const Sequence> sequences, const RecordReader& visit) {
    return stored_.read(
        sequences, [&](const RawRecord& raw, const Place& batch) -> Result<std::size_t> {
            const SharedBytes content = SharedBytes::copy_of(raw.content);
            Result<Record> record = whole_record(*folder_, raw, content, batch);
            if (!record) {
                return tl::unexpected(record.error());
            }
            visit(*record, raw.sequence);
            const Body* const body = body_of(*record);
            return body != nullptr && body->size_bytes() > content.size() ? body->size_bytes() : 0;
        });
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
