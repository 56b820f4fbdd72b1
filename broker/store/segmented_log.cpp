#include "broker/store/segmented_log.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "broker/store/log/record_codec.hpp"
#include "common/model/assert.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::broker {
namespace {

constexpr std::chrono::seconds full_disk_pause{1};

}  // namespace

SegmentedLog::SegmentedLog(std::unique_ptr<Folder> folder, const LogOptions& options,
                           const JournalId& new_journal)
    : folder_(std::move(folder)),
      options_(options),
      new_journal_(new_journal),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_ < 0) {
        throw std::system_error(errno, std::system_category(), "eventfd");
    }
}

SegmentedLog::~SegmentedLog() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        work_.notify_one();
        thread_.join();
    }
    ::close(wake_);
}

Result<void> SegmentedLog::replay(const RecordReader& visit) {
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

Result<Epoch> SegmentedLog::begin_epoch(Instant now) {
    PENSTOCK_ASSERT(writer_ && !thread_.joinable());
    // Also greater than what a broker without a disk would take, should this one have been that.
    const std::uint64_t microseconds = static_cast<std::uint64_t>(now.unix_ms) * 1000;
    const Epoch epoch{std::max(found_.epoch.value + 1, microseconds)};
    if (Result<void> written = writer_->write_life({epoch, now.unix_ms}); !written) {
        return tl::unexpected(written.error());
    }
    const StreamPosition& position = writer_->state().position;
    appended_ = position.last_sequence;
    durable_ = appended_;
    note_extent();
    waiting_.emplace_back(position);
    thread_ = std::thread([this] { run(); });
    return epoch;
}

Result<void> SegmentedLog::append(std::span<const Record> records) {
    std::unique_lock lock(mutex_);
    room_.wait(lock,
               [&] { return failure_ || records.empty() || waiting_bytes_ <= waiting_bytes_max; });
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    if (records.empty()) {
        return {};
    }
    lock.unlock();
    const EncodedRecords encoded = encode_records(records);
    lock.lock();
    if (waiting_.back().size_bytes() > batch_bytes) {
        begin_batch(waiting_.back().end());
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        add(kind_of(records[i]), ++appended_, encoded.content(i));
    }
    lock.unlock();
    work_.notify_one();
    return {};
}

void SegmentedLog::begin_batch(const StreamPosition& position) {
    if (!used_) {
        waiting_.emplace_back(position);
        return;
    }
    used_->restart(position);
    waiting_.push_back(*std::exchange(used_, std::nullopt));
}

void SegmentedLog::add(RecordKind kind, Sequence sequence, ByteView content) {
    Batch& batch = waiting_.back();
    const std::size_t before = batch.size_bytes();
    batch.add(kind, sequence, content);
    waiting_bytes_ += batch.size_bytes() - before;
}

Sequence SegmentedLog::durable() const {
    std::uint64_t count = 0;
    // Only empties the descriptor; nothing to read is as good.
    static_cast<void>(::read(wake_, &count, sizeof count));
    return durable_.load(std::memory_order_acquire);
}

void SegmentedLog::trim(Sequence sequence) {
    PENSTOCK_ASSERT(sequence <= durable_.load(std::memory_order_acquire));
    const std::lock_guard lock(mutex_);
    trim_to_ = std::max(trim_to_, sequence);
}

void SegmentedLog::run() {
    std::unique_lock lock(mutex_);
    const auto has_work = [this] { return stopping_ || !waiting_.front().empty(); };
    while (true) {
        lock.unlock();
        Result<void> done = get_ready();
        lock.lock();
        // Somebody may make room on a full disk at any time.
        const bool in_time = nearly_full_ ? work_.wait_for(lock, full_disk_pause, has_work)
                                          : (work_.wait(lock, has_work), true);
        if (done && !waiting_.front().empty()) {
            done = write_next(lock);
        } else if (done && in_time) {
            return;
        }
        if (!done) {
            failure_ = done.error();
            room_.notify_one();
            wake();
            return;
        }
    }
}

Result<void> SegmentedLog::write_next(std::unique_lock<std::mutex>& lock) {
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    if (waiting_.empty()) {
        begin_batch(batch.end());
    }
    const Sequence trim_to = trim_to_;
    lock.unlock();
    Result<void> done = writer_->write(batch);
    if (done) {
        ++syncs_;
        bytes_ += batch.size_bytes();
        // First, so that a backup that begins when something is known to be durable has it.
        note_extent();
        durable_.store(batch.end().last_sequence, std::memory_order_release);
        wake();
        done = writer_->trim(trim_to);
    }
    lock.lock();
    waiting_bytes_ -= batch.size_bytes();
    room_.notify_one();
    if (!used_ && batch.size_bytes() <= 2 * batch_bytes) {
        used_ = std::move(batch);
    }
    return done;
}

void SegmentedLog::note_extent() {
    const LogState& state = writer_->state();
    const std::lock_guard lock(mutex_);
    extent_ = {state.segments.front().number, state.segments.back().number,
               std::uint64_t{state.next_sector} * sector_bytes};
}

Result<protocol::BackupPart> SegmentedLog::read_for_backup(
    const protocol::BackupPlace& from) const {
    LogExtent extent;
    {
        const std::lock_guard lock(mutex_);
        extent = extent_;
    }
    return read_backup_part(*folder_, extent, from);
}

Result<void> SegmentedLog::get_ready() {
    const Result<void> ready = writer_->prepare();
    const bool full = !ready && ready.error().code == ErrorCode::disk_full;
    if (full != nearly_full_) {
        nearly_full_ = full;
        wake();
        if (full) {
            telemetry::warning("the disk is nearly full, new tasks are refused: {}",
                               ready.error().message);
        } else {
            telemetry::info("there is room on the disk again");
        }
    }
    return full ? Result<void>() : ready;
}

void SegmentedLog::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_, &one, sizeof one));
}

}  // namespace penstock::broker
