// The journal on disk. Records are encoded on the broker's loop; a thread of its own writes and
// syncs one batch while the next one fills. docs/JOURNAL.md gives the bytes.
//
// Thread rule: as journal.hpp says. Where the two threads meet is a mutex around the list of
// batches: held for a push or a pop, once per turn or sync.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "broker/store/journal.hpp"
#include "broker/store/log/backup_reader.hpp"
#include "broker/store/log/log_writer.hpp"

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
    [[nodiscard]] DiskReport disk() const override { return {nearly_full_, syncs_, bytes_}; }
    [[nodiscard]] Sequence durable() const override;
    void trim(Sequence sequence) override;
    [[nodiscard]] Result<protocol::BackupPart> read_for_backup(
        const protocol::BackupPlace& from) const override;

    // What was found in the folder. Requires: replay() has succeeded.
    [[nodiscard]] const LogState& found() const { return found_; }

    // More than the disk takes in the time of a turn; bounds memory when it is slow.
    static constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20U;
    // A batch that has this size takes no further call's records; a sync of more takes longer than
    // anybody wants to wait.
    static constexpr std::size_t batch_bytes = std::size_t{4} << 20U;

  private:
    void begin_batch(const StreamPosition& position);
    void add(RecordKind kind, Sequence sequence, ByteView content);
    // The thread's.
    void run();
    [[nodiscard]] Result<void> write_next(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] Result<void> get_ready();
    void note_extent();
    void wake() const;

    std::unique_ptr<Folder> folder_;
    LogOptions options_;
    JournalId new_journal_;
    int wake_;  // an eventfd
    LogState found_;
    std::optional<LogWriter> writer_;  // the thread's, once it runs

    // Below: guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable room_;
    std::deque<Batch> waiting_;  // the last one is being filled
    std::optional<Batch> used_;  // written; for its memory
    std::size_t waiting_bytes_ = 0;
    Sequence appended_ = 0;
    Sequence trim_to_ = 0;
    LogExtent extent_;  // of what is durable
    bool stopping_ = false;
    std::optional<Error> failure_;

    std::atomic<Sequence> durable_{0};
    std::atomic<bool> nearly_full_{false};
    std::atomic<std::uint64_t> syncs_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::thread thread_;
};

}  // namespace penstock::broker
