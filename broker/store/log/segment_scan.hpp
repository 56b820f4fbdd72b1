// Reads one segment, and tells a write that the power cut from damage. docs/JOURNAL.md, section 5.
//
// A torn batch is the last one of the whole journal: some of its sectors are there, others are
// empty, and nothing stands behind it. It was never confirmed to anybody, since its sync never
// ended. Everything else that is not as it was written is damage.
//
// Thread rule: pure functions; `visit` is called during the scan.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "broker/store/log/frame.hpp"
#include "broker/store/log/segment_start.hpp"

namespace penstock::broker {

// Sectors of a segment, from `first` on.
struct SectorRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    friend bool operator==(const SectorRange&, const SectorRange&) = default;
};

struct Damage {
    std::uint64_t segment = 0;
    std::uint64_t offset_bytes = 0;  // of the sector, in the segment's file
    std::string what;
};
// A sentence for people, with the file and the place.
[[nodiscard]] std::string to_text(const Damage& damage);

struct SegmentScan {
    StreamPosition position;          // after the last whole batch
    std::uint32_t next_sector = 0;    // where the next batch goes
    SectorRange last_batch;           // none if the segment has none
    std::optional<SectorRange> torn;  // what there is of a batch that was cut, at next_sector
    std::optional<Damage> damage;     // ends the scan
};

// Hands over the records of a batch after all of its sectors have been checked.
using RecordVisitor = std::function<void(const RawRecord& record, const Place& batch)>;

// `bytes` is the whole file. Requires: its start has been read, and they are start.size_bytes.
[[nodiscard]] SegmentScan scan_segment(ByteView bytes, const SegmentStart& start,
                                       const RecordVisitor& visit);

}  // namespace penstock::broker
