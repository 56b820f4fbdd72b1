// Finds what can still be read of a damaged segment: every batch whose beginning stands, up to its
// first sector that does not. docs/JOURNAL.md, section 8.
//
// Whoever reads a sound journal uses segment_scan.hpp, which accepts nothing that is out of place.
// Here a record counts if the sectors that carry it are whole, and if it follows the one before it
// in its batch; whether a batch follows the one before it cannot be asked of what is damaged.
//
// Thread rule: pure functions; `visit` is called during the scan.
#pragma once

#include <vector>

#include "broker/store/log/segment_scan.hpp"

namespace penstock::broker {

// Which segment the bytes are, as far as that can be told.
struct SegmentName {
    JournalId journal{};
    std::uint64_t segment = 0;
};

// Whether any of the sectors behind the start belongs to that segment.
[[nodiscard]] bool holds_sectors_of(ByteView bytes, const SegmentName& name);

// Part of a file that could not be used.
struct LostRange {
    std::uint64_t offset_bytes = 0;
    std::uint64_t bytes = 0;
    std::string why;
};

// Hands over what can be read, in order. Returns what stands there and cannot. `bytes` may end
// anywhere.
[[nodiscard]] std::vector<LostRange> salvage_segment(ByteView bytes, const SegmentName& name,
                                                     const RecordVisitor& visit);

}  // namespace penstock::broker
