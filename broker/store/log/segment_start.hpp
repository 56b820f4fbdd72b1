// The first block of a segment: which journal it is of, and where the stream of records stands
// when it begins. docs/JOURNAL.md, section 3.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/core/record.hpp"
#include "broker/store/log/sector.hpp"
#include "common/model/ids.hpp"
#include "common/model/result.hpp"

namespace penstock::broker {

// Where the stream of records stands between two batches.
struct StreamPosition {
    std::uint32_t next_batch = 1;
    Sequence last_sequence = 0;
    std::uint32_t chain = 0;  // the check of the last record

    friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

struct SegmentStart {
    JournalId journal{};
    std::uint64_t segment = 0;  // counted from 1
    std::uint64_t size_bytes = 0;
    Epoch epoch;  // the last one that began before this segment
    StreamPosition position;

    friend bool operator==(const SegmentStart&, const SegmentStart&) = default;
};

// Where the batches begin.
inline constexpr std::uint32_t first_batch_sector = block_bytes / sector_bytes;

// Numbers of batches are 32 bits wide and go round; 0 is left out (sector.hpp).
[[nodiscard]] constexpr std::uint32_t batch_after(std::uint32_t batch) {
    return batch + 1 == 0 ? 1 : batch + 1;
}

[[nodiscard]] std::string segment_name(std::uint64_t segment);
// Nothing for the name of something else.
[[nodiscard]] std::optional<std::uint64_t> segment_number(const std::string& name);

void write_segment_start(SectorSpan sector, const SegmentStart& start);
// Errors: malformed, saying what; unsupported for another version of the format.
[[nodiscard]] Result<SegmentStart> read_segment_start(SectorView sector);

}  // namespace penstock::broker
