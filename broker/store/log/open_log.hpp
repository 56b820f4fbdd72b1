// A journal's folder, opened: read, mended, written on. Everything that the segmented log does with
// the disk, without a thread or a lock, so that a simulator runs the very same.
//
// Thread rule: one thread at a time, but for read().
#pragma once

#include <memory>
#include <optional>

#include "broker/store/journal.hpp"
#include "broker/store/log/log_writer.hpp"
#include "broker/store/log/stored_records.hpp"

namespace penstock::broker {

class OpenLog {
  public:
    // `new_journal` is random; it names the journal if the folder is empty.
    OpenLog(std::unique_ptr<Folder> folder, const LogOptions& options,
            const JournalId& new_journal);

    // Journal::replay(). Errors: malformed (damaged: nothing is changed), unsupported, internal,
    // disk_full.
    [[nodiscard]] Result<void> replay(const RecordReader& visit);
    // Journal::begin_epoch().
    [[nodiscard]] Result<Epoch> begin_epoch(Instant now);
    // As LogWriter's of these names. An error is final, but for disk_full of get_ready(): write()
    // may still go on then, but not for long. Requires: begin_epoch() has succeeded.
    [[nodiscard]] Result<void> write(Batch& batch);
    [[nodiscard]] Result<void> trim(Sequence sequence);
    [[nodiscard]] Result<void> get_ready() { return writer_->prepare(); }
    [[nodiscard]] bool lacks_reserve() const { return writer_->lacks_reserve(); }
    [[nodiscard]] bool takes_one_sync(const Batch& batch) const {
        return writer_->takes_one_sync(batch);
    }
    [[nodiscard]] bool can_trim(Sequence sequence) const { return writer_->can_trim(sequence); }

    // Journal::read(), beside one thread that writes.
    [[nodiscard]] Result<std::size_t> read(std::span<const Sequence> sequences,
                                           const RecordReader& visit);

    // What was found in the folder. Requires: replay() has succeeded.
    [[nodiscard]] const LogState& found() const { return found_; }
    // What is in it now. Requires: replay() has succeeded.
    [[nodiscard]] const LogState& state() const { return writer_->state(); }
    // Whose files another thread may open and read.
    [[nodiscard]] Folder& folder() const { return *folder_; }
    // For another thread, too. Requires: replay() has succeeded.
    [[nodiscard]] const BodyIndex& bodies() const { return writer_->bodies(); }
    [[nodiscard]] const LogOptions& options() const { return options_; }

  private:
    std::unique_ptr<Folder> folder_;
    LogOptions options_;
    JournalId new_journal_;
    LogState found_;
    std::optional<LogWriter> writer_;
    StoredRecords stored_;
};

}  // namespace penstock::broker
