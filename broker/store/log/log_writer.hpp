// Writes batches behind each other, and each durable before the next: one write, one sync.
//
// A new segment is filled with zeros and synced under another name before anything is written to
// it, so that a sync later has no sizes or blocks to record, only bytes. It gets its name after its
// first batch is safe.
//
// Thread rule: one thread at a time.
#pragma once

#include <functional>
#include <memory>

#include "broker/store/log/batch.hpp"
#include "broker/store/log/body_index.hpp"
#include "broker/store/log/log_reader.hpp"
#include "broker/store/log/record_codec.hpp"

namespace penstock::broker {

struct LogOptions {
    // Of a segment, unless one batch needs more. Small enough that old ones go soon, large enough
    // that a new one is rarely needed: at 300 bytes a task it lasts for 200,000 of them.
    std::uint64_t segment_bytes = std::uint64_t{64} << 20U;
    // Room that is kept for what must be written when the disk is full: the ends of tasks that were
    // accepted, and the largest turn of the broker. 0: none.
    std::uint64_t reserve_bytes = 0;
    // Larger bodies have files of their own.
    std::uint64_t inside_bytes_max = broker::inside_bytes_max;
};

class LogWriter {
  public:
    // `state` is what read_log() found; `new_journal` names the journal if that is none yet.
    // Requires: segment_bytes is a multiple of block_bytes, and at least two of them. The folder
    // outlives the writer.
    LogWriter(Folder& folder, const LogOptions& options, LogState state,
              const JournalId& new_journal);

    // Makes safe what has been read, before anybody acts on it: cuts a torn batch, and writes the
    // last whole one again, since it may be in the kernel's memory only; removes the bodies of
    // records that never were, or are no more. Call once, first. It may be interrupted and called
    // again. Errors: internal, disk_full.
    [[nodiscard]] Result<void> recover();
    // After this the batch survives every crash, with its bodies. Requires: the batch follows
    // state().position and is not empty. Errors: internal (final: the folder must be read anew),
    // disk_full.
    [[nodiscard]] Result<void> write(Batch& batch);
    // The same with a batch of that one record.
    [[nodiscard]] Result<void> write_life(const Life& life);
    // Gets the next segment and the reserve ready if they are not, so that write() need not wait
    // for that. Errors: disk_full (write() may still go on, but not for long), internal.
    [[nodiscard]] Result<void> prepare();
    // Removes every segment but the current one whose records all are at or before `sequence`.
    [[nodiscard]] Result<void> trim(Sequence sequence);

    // Whether write() would write and sync nothing but that batch.
    [[nodiscard]] bool takes_one_sync(const Batch& batch) const {
        return !unnamed_ && batch.bodies().empty() && has_room_for(batch);
    }
    // Whether trim() would remove a segment.
    [[nodiscard]] bool can_trim(Sequence sequence) const {
        return state_.segments.size() > 1 && state_.segments.front().last_sequence <= sequence;
    }
    // Whether the room that is to be kept is in use, or cannot be had.
    [[nodiscard]] bool lacks_reserve() const { return options_.reserve_bytes > 0 && !has_reserve_; }
    [[nodiscard]] const LogState& state() const { return state_; }
    [[nodiscard]] const BodyIndex& bodies() const { return bodies_; }

  private:
    [[nodiscard]] Result<void> recover_bodies();
    [[nodiscard]] Result<void> count_body(const BodyPlace& place);
    [[nodiscard]] Result<void> cut(const SectorRange& range);
    [[nodiscard]] Result<void> write_again(const SectorRange& range);
    [[nodiscard]] bool has_room_for(const Batch& batch) const;
    // Of at least that many bytes behind its start.
    [[nodiscard]] Result<void> begin_segment(std::uint64_t bytes);
    [[nodiscard]] Result<void> make_spare(std::uint64_t bytes);
    [[nodiscard]] Result<void> write_bodies(const Batch& batch);
    // On a full disk once more, in the room of the reserve.
    [[nodiscard]] Result<void> with_reserve(const std::function<Result<void>()>& action);
    [[nodiscard]] Result<void> give_up_reserve();
    [[nodiscard]] Result<void> remove_bodies();
    [[nodiscard]] Result<void> make_reserve();
    [[nodiscard]] Result<void> name_segment();
    [[nodiscard]] std::uint32_t sectors() const {
        return static_cast<std::uint32_t>(state_.segment_bytes / sector_bytes);
    }

    Folder& folder_;
    LogOptions options_;
    LogState state_;
    BodyIndex bodies_;
    std::uint64_t current_body_bytes_ = 0;  // written beside the current segment
    std::unique_ptr<File> current_;
    bool unnamed_ = false;         // the current one still has the name of the spare
    std::unique_ptr<File> spare_;  // zeros, safe
    std::uint64_t spare_bytes_ = 0;
    bool has_reserve_ = false;
};

}  // namespace penstock::broker
