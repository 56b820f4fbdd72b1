// Where the broker's history is kept. The journal is the truth; everything else is derived.
//
// Thread rule: called by the broker's loop thread only. An implementation may write on a thread of
// its own and wakes the loop through wake_descriptor().
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "broker/core/event.hpp"
#include "broker/core/record.hpp"
#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/model/time.hpp"
#include "common/protocol/backup_messages.hpp"

namespace penstock::broker {

// The record's views are valid during the call.
using RecordReader = std::function<void(const Record& record, Sequence sequence)>;

enum class Flush : std::uint8_t {
    here,  // durable on return, in the time of a sync of a fast disk; or elsewhere all the same
    elsewhere,  // without keeping the caller waiting, for there are others
};

class Journal {
  public:
    Journal() = default;
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    virtual ~Journal() = default;

    // The level that a durable record has reached.
    [[nodiscard]] virtual Durability level() const = 0;
    // Hands every surviving record to `visit` with its number, oldest first; the numbers have no
    // gaps, and what was trimmed is missing at the front. Call once, before append().
    [[nodiscard]] virtual Result<void> replay(const RecordReader& visit) = 0;
    // Begins a life of the broker: its epoch is greater than that of every life before, and is as
    // durable as the journal can make it. Call once, after replay().
    [[nodiscard]] virtual Result<Epoch> begin_epoch(Instant now) = 0;
    // Becomes readable when durable() has moved by itself, until durable() is called. Nothing if
    // append() returns only when its records are durable.
    [[nodiscard]] virtual std::optional<int> wake_descriptor() const = 0;
    // Accepts records for writing, in order; they become durable together. May return before they
    // are, and may leave the writing to flush(). The records' views are used during the call only.
    // An error is final: stop promising and end the process.
    [[nodiscard]] virtual Result<void> append(std::span<const Record> records) = 0;
    // Something was left to flush(). It will not be written without that or another append().
    [[nodiscard]] virtual bool wants_flush() const { return false; }
    // Has what was left to it written. Call when all has left that need not wait for the disk.
    // Errors: as append().
    [[nodiscard]] virtual Result<void> flush(Flush /*where*/) { return {}; }
    // wake_descriptor() tells of changes.
    [[nodiscard]] virtual DiskReport disk() const = 0;
    // The last record that survives a crash, counted from 1; 0 for none. Never goes backwards.
    [[nodiscard]] virtual Sequence durable() const = 0;
    // Nothing up to `sequence` will be asked for again. Requires: sequence <= durable().
    virtual void trim(Sequence sequence) = 0;
    // Hands the records of these numbers to `visit`, in order: the first, and as many more as can
    // be read without keeping others waiting. Returns how many. Requires: ascending numbers of
    // records that are durable and not trimmed. Errors: malformed (what is there is not what was
    // written), internal.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<const Sequence> sequences,
                                                   const RecordReader& visit) = 0;
    // A piece of a copy of the journal, of what is durable; its request number is left to the
    // caller. May be asked at any time after begin_epoch(). Errors: unsupported (there is nothing
    // to copy), conflict (`from` is no place of this journal), malformed, internal.
    [[nodiscard]] virtual Result<protocol::BackupPart> read_for_backup(
        const protocol::BackupPlace& /*from*/) const {
        return fail(ErrorCode::unsupported,
                    "this broker keeps tasks in memory only, so there is nothing to back up; start "
                    "it without --memory to have a journal");
    }
};

}  // namespace penstock::broker
