// Reads a whole journal: every segment in order, each where the one before it ended.
// docs/JOURNAL.md, section 5.
//
// Thread rule: pure but for the folder; nothing is written.
#pragma once

#include <deque>
#include <optional>

#include "broker/store/log/files.hpp"
#include "broker/store/log/segment_scan.hpp"

namespace penstock::broker {

struct KnownSegment {
    std::uint64_t number = 0;
    Sequence last_sequence = 0;  // of its last record, or of the last one before it

    friend bool operator==(const KnownSegment&, const KnownSegment&) = default;
};

struct TornBatch {
    std::uint64_t segment = 0;
    SectorRange range;
};
// A sentence for people.
[[nodiscard]] std::string to_text(const TornBatch& torn);

// What a journal holds, and where it goes on.
struct LogState {
    JournalId journal{};                // of the first segment
    std::deque<KnownSegment> segments;  // oldest first; none in an empty folder
    std::uint64_t segment_bytes = 0;    // of the last one
    StreamPosition position;
    std::uint32_t next_sector = 0;  // in the last segment
    SectorRange last_batch;         // in the last segment; may be none
    Epoch epoch;                    // the last one that began
    std::optional<TornBatch> torn;
};

// Hands over every record but those of lives, oldest first. Errors: malformed (the journal is
// damaged; the text names file, place and reason), unsupported, internal (a file cannot be read).
[[nodiscard]] Result<LogState> read_log(Folder& folder, const RecordVisitor& visit);

// For who wants to know what a damaged journal holds.
struct ExaminedLog {
    LogState state;                // before the damage
    std::optional<Damage> damage;  // the first one; behind it nothing is read
};
// Hands over every record before the first damage, those of lives, too. Errors: unsupported,
// internal.
[[nodiscard]] Result<ExaminedLog> examine_log(Folder& folder, const RecordVisitor& visit);

}  // namespace penstock::broker
