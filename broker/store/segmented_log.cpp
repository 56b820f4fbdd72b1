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
// More comes from several peers, who would be kept waiting by a loop that syncs.
constexpr std::size_t few_bytes = std::size_t{16} << 10U;
// What the loop may wait for the disk: some times what waking a thread and being woken takes.
constexpr std::chrono::microseconds short_sync_max{500};
// So many short ones in a row promise that the next one is short, too.
constexpr int short_syncs_wanted = 8;

}  // namespace

SegmentedLog::SegmentedLog(std::unique_ptr<Folder> folder, const LogOptions& options,
                           const JournalId& new_journal)
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      log_(std::move(folder), options, new_journal) {
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
    return log_.replay(visit);
}

Result<Epoch> SegmentedLog::begin_epoch(Instant now) {
    PENSTOCK_ASSERT(!thread_.joinable());
    const Result<Epoch> epoch = log_.begin_epoch(now);
    if (epoch) {
        durable_ = log_.state().position.last_sequence;
        waiting_.emplace(log_.state().position);
        note_extent();
        thread_ = std::thread([this] { run(); });
    }
    return epoch;
}

Result<void> SegmentedLog::append(std::span<const Record> records) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] {
        return failure_ || records.empty() ||
               waiting_->size_bytes() + writing_bytes_ <= waiting_bytes_max;
    });
    if (failure_) {
        return tl::unexpected(*failure_);
    }
    if (records.empty()) {
        return {};
    }
    lock.unlock();
    const EncodedRecords encoded = encode_records(records, log_.options().inside_bytes_max);
    lock.lock();
    const bool none_or_left = waiting_->empty() || is_left_for_loop_;
    waiting_->add(records, encoded);
    // The thread cannot take it away meanwhile: it sleeps, with the log in its place.
    is_left_for_loop_ = none_or_left && !thread_has_log_ && !nearly_full_ &&
                        short_syncs_ >= short_syncs_wanted && waiting_->size_bytes() <= few_bytes;
    const bool is_for_thread = !is_left_for_loop_;
    lock.unlock();
    if (is_for_thread) {
        work_.notify_one();
    }
    return {};
}

Result<void> SegmentedLog::flush(Flush where) {
    std::unique_lock lock(mutex_);
    if (!std::exchange(is_left_for_loop_, false)) {
        return {};
    }
    if (where == Flush::elsewhere || !log_.takes_one_sync(waiting_->next()) ||
        log_.can_trim(trim_to_)) {
        lock.unlock();
        work_.notify_one();
        return {};
    }
    Result<void> written = write_next(lock);
    if (!written) {
        failure_ = written.error();
    }
    return written;
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
    Result<void> done = tidy(0);
    std::unique_lock lock(mutex_);
    while (done) {
        thread_has_log_ = false;
        const bool has_work = wait_for_work(lock);
        thread_has_log_ = true;
        if (has_work) {
            if (waiting_->empty()) {
                return;
            }
            done = write_next(lock);
            wake();
        }
        const Sequence trim_to = trim_to_;
        lock.unlock();
        done = done.and_then([&] { return tidy(trim_to); });
        lock.lock();
    }
    failure_ = done.error();
    room_.notify_one();
    wake();
}

bool SegmentedLog::wait_for_work(std::unique_lock<std::mutex>& lock) {
    const auto has_work = [this] {
        return stopping_ || (!waiting_->empty() && !is_left_for_loop_);
    };
    if (nearly_full_) {
        // Somebody may make room at any time.
        return work_.wait_for(lock, full_disk_pause, has_work);
    }
    work_.wait(lock, has_work);
    return true;
}

Result<void> SegmentedLog::write_next(std::unique_lock<std::mutex>& lock) {
    Batch batch = waiting_->take();
    writing_bytes_ = batch.whole_bytes();
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    const Result<void> done = log_.write(batch);
    const auto took = std::chrono::steady_clock::now() - begun;
    if (done) {
        ++syncs_;
        bytes_ += batch.whole_bytes();
        // First, so that a backup that begins when something is known to be durable has it.
        note_extent();
        durable_.store(batch.end().last_sequence, std::memory_order_release);
    }
    lock.lock();
    short_syncs_ = took <= short_sync_max ? std::min(short_syncs_ + 1, short_syncs_wanted) : 0;
    writing_bytes_ = 0;
    room_.notify_one();
    waiting_->reuse(std::move(batch));
    return done;
}

Result<void> SegmentedLog::tidy(Sequence trim_to) {
    // First what makes room.
    if (Result<void> trimmed = log_.trim(trim_to); !trimmed) {
        return trimmed;
    }
    const Result<void> ready = log_.get_ready();
    const bool full = !ready && ready.error().code == ErrorCode::disk_full;
    const bool reserve_used = full && log_.lacks_reserve();
    if (reserve_used != reserve_used_) {
        reserve_used_ = reserve_used;
        wake();
        if (reserve_used) {
            telemetry::warning("the reserve is in use: until there is room, nothing more is run");
        }
    }
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

void SegmentedLog::note_extent() {
    const LogState& state = log_.state();
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
    return read_backup_part(log_.folder(), extent, log_.bodies(), from);
}

void SegmentedLog::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_, &one, sizeof one));
}

}  // namespace penstock::broker
