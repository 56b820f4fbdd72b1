// How one record lies in a batch: length, kind, sequence number, check, content.
// docs/JOURNAL.md, section 4.
//
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstdint>

#include "broker/core/record.hpp"
#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock::broker {

// These numbers are in journals: never change or reuse one.
enum class RecordKind : std::uint8_t {
    none = 0,  // the batch ends here
    life = 1,  // a life of the broker begins; it has the number of the record before it
    task_accepted = 2,
    attempt_failed = 3,
    cancel_requested = 4,
    task_finished = 5,
    tasks_forgotten = 6,
};
inline constexpr std::uint8_t record_kind_max = 6;

// A record as it lies in the journal; the content is valid during the call that hands it over.
struct RawRecord {
    RecordKind kind = RecordKind::none;
    Sequence sequence = 0;
    ByteView content;
};

// The largest content: the bodies of a task or result, 63 MiB at most (common/protocol/limits.hpp),
// and what else there is about it.
inline constexpr std::size_t content_bytes_max = std::size_t{64} << 20U;

inline constexpr std::size_t frame_head_bytes = 20;
using FrameHead = std::array<std::byte, frame_head_bytes>;

// `chain` is the check of the record before, and becomes that of this one: so a record cannot be
// left out, repeated or taken from elsewhere. Requires: at most content_bytes_max.
[[nodiscard]] FrameHead frame_head(const RawRecord& record, std::uint32_t& chain);

// Takes the next record off `batch`, which holds what all sectors of a batch carry. Kind none: it
// holds no more. `chain` as above. Errors: malformed.
[[nodiscard]] Result<RawRecord> take_frame(ByteView& batch, std::uint32_t& chain);
// The same for a record whose predecessor is lost, so that its check cannot be compared; `chain`
// becomes what the record says of itself.
[[nodiscard]] Result<RawRecord> take_first_frame(ByteView& batch, std::uint32_t& chain);

}  // namespace penstock::broker
