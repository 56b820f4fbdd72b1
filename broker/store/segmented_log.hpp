// The journal on disk. Records are encoded on the broker's loop; a thread of its own writes and
// syncs one batch while the next one fills. When there is so little to do that none would fill
// meanwhile, it is left to the loop's thread: waking another one and being woken takes longer than
// the sync (docs/decisions/0012). docs/JOURNAL.md gives the bytes.
//
// Thread rule: as journal.hpp says. Where the two threads meet is a mutex around the list of
// batches: held for a push or a pop, once per turn or sync. Who has taken a batch from it writes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "broker/store/log/backup_reader.hpp"
#include "broker/store/log/batch_queue.hpp"
#include "broker/store/log/open_log.hpp"

namespace penstock::broker {

class SegmentedLog final : public Journal {
  public:
    // `new_journal` is random; it names the journal if the folder is empty.
    SegmentedLog(std::unique_ptr<Folder> folder, const LogOptions& options,
                 const JournalId& new_journal);
    // Writes what waits, if it still can.
    ~SegmentedLog() override;

    [[nodiscard]] Durability level() const override { return Durability::disk; }
    // Errors: malformed (damaged: nothing is changed), unsupported, internal, disk_full.
    [[nodiscard]] Result<void> replay(const RecordReader& visit) override;
    [[nodiscard]] Result<Epoch> begin_epoch(Instant now) override;
    [[nodiscard]] std::optional<int> wake_descriptor() const override { return wake_; }
    // The records of one call become durable together or not at all: nobody may find half of what
    // a turn decided. Waits while more than waiting_bytes_max are on their way to the disk.
    [[nodiscard]] Result<void> append(std::span<const Record> records) override;
    [[nodiscard]] bool wants_flush() const override { return is_left_for_loop_; }
    [[nodiscard]] Result<void> flush(Flush where) override;
    [[nodiscard]] DiskReport disk() const override {
        return {nearly_full_, reserve_used_, syncs_, bytes_};
    }
    [[nodiscard]] Sequence durable() const override;
    void trim(Sequence sequence) override;
    [[nodiscard]] Result<std::size_t> read(std::span<const Sequence> sequences,
                                           const RecordReader& visit) override {
        return log_.read(sequences, visit);
    }
    [[nodiscard]] Result<protocol::BackupPart> read_for_backup(
        const protocol::BackupPlace& from) const override;

    // What was found in the folder. Requires: replay() has succeeded.
    [[nodiscard]] const LogState& found() const { return log_.found(); }

    // More than the disk takes in the time of a turn; bounds memory when it is slow.
    static constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20U;

  private:
    // The thread's.
    void run();
    // False: it is time to look whether the disk has room again.
    [[nodiscard]] bool wait_for_work(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] Result<void> tidy(Sequence trim_to);
    void wake() const;
    // Of who has the log.
    [[nodiscard]] Result<void> write_next(std::unique_lock<std::mutex>& lock);
    void note_extent();

    int wake_;     // an eventfd
    OpenLog log_;  // see thread_has_log_; but for its folder and read()

    // Below: guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable room_;
    std::optional<BatchQueue> waiting_;
    bool thread_has_log_ = true;
    // One batch waits for flush(), and the thread sleeps until it is told. Changed by the loop
    // only, who may therefore read it without the mutex.
    bool is_left_for_loop_ = false;
    int short_syncs_ = 0;            // in a row
    std::size_t writing_bytes_ = 0;  // of the batch that is being written
    Sequence trim_to_ = 0;
    LogExtent extent_;  // of what is durable
    bool stopping_ = false;
    std::optional<Error> failure_;

    std::atomic<Sequence> durable_{0};
    std::atomic<bool> nearly_full_{false};
    std::atomic<bool> reserve_used_{false};
    std::atomic<std::uint64_t> syncs_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::thread thread_;
};

}  // namespace penstock::broker
