#include "tests/simulation/journal.hpp"

#include <algorithm>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::simulation {

Journal::Journal(Disk& disk, const broker::LogOptions& options, Witness witness,
                 LeavesToFlush leaves_to_flush)
    : witness_(std::move(witness)),
      leaves_to_flush_(std::move(leaves_to_flush)),
      log_(disk.folder(), options, {7}) {}

Result<void> Journal::replay(const broker::RecordReader& visit) {
    return log_.replay([&](const broker::Record& record, broker::Sequence sequence) {
        replay_witness_(record, sequence);
        visit(record, sequence);
    });
}

Result<Epoch> Journal::begin_epoch(Instant now) {
    const Result<Epoch> epoch = log_.begin_epoch(now);
    if (epoch) {
        epoch_ = *epoch;
        stage_ = Stage::written;  // its thread gets ready before anything else
        durable_ = log_.state().position.last_sequence;
        waiting_.emplace(log_.state().position);
    }
    return epoch;
}

Result<void> Journal::append(std::span<const broker::Record> records) {
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    if (records.empty()) {
        return {};
    }
    witness_(records, waiting_->appended() + 1);
    is_left_for_flush_ = stage_ == Stage::idle && (waiting_->empty() || is_left_for_flush_) &&
                         !disk_.nearly_full && leaves_to_flush_();
    waiting_->add(records, broker::encode_records(records, log_.options().inside_bytes_max));
    return {};
}

Result<void> Journal::flush(broker::Flush where) {
    if (!std::exchange(is_left_for_flush_, false) || where == broker::Flush::elsewhere ||
        !log_.takes_one_sync(waiting_->next()) || log_.can_trim(trim_to_)) {
        return {};
    }
    do_next();
    // Nothing to trim, and ready as before.
    stage_ = Stage::idle;
    return failure_ ? Result<void>(tl::unexpected(*failure_)) : Result<void>();
}

void Journal::trim(broker::Sequence sequence) {
    PENSTOCK_ASSERT(sequence <= durable_);
    trim_to_ = std::max(trim_to_, sequence);
}

void Journal::do_next() {
    Result<void> done;
    if (stage_ == Stage::idle) {
        broker::Batch batch = waiting_->take();
        done = log_.write(batch);
        if (done) {
            durable_ = batch.end().last_sequence;
            stage_ = Stage::written;
        }
        waiting_->reuse(std::move(batch));
    } else {
        stage_ = Stage::idle;
        done = log_.trim(trim_to_);
        if (done) {
            done = get_ready();
        }
    }
    if (!done) {
        failure_ = done.error();
    }
}

bool Journal::trims_next() const {
    return stage_ == Stage::written && log_.can_trim(trim_to_);
}

Result<void> Journal::get_ready() {
    const Result<void> ready = log_.get_ready();
    disk_.nearly_full = !ready && ready.error().code == ErrorCode::disk_full;
    disk_.reserve_used = disk_.nearly_full && log_.lacks_reserve();
    return disk_.nearly_full ? Result<void>() : ready;
}

}  // namespace penstock::simulation
