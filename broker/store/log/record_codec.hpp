// The contents of records, as MessagePack arrays: docs/JOURNAL.md, section 6.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "broker/core/record.hpp"
#include "broker/store/log/body_file.hpp"
#include "broker/store/log/frame.hpp"
#include "common/model/ids.hpp"

namespace penstock::broker {

// A life of the broker begins; the journal's own record.
struct Life {
    Epoch epoch;
    std::int64_t began_at = 0;  // Unix milliseconds

    friend bool operator==(const Life&, const Life&) = default;
};

[[nodiscard]] RecordKind kind_of(const Record& record);

// The body that the record carries, or null for one of a kind without.
[[nodiscard]] Body* body_of(Record& record);

// A body that is to have a file of its own.
struct OutsideBody {
    std::size_t record = 0;  // its index
    Body body;
};

// Contents of records, one behind the other in one piece of memory.
struct EncodedRecords {
    SharedBytes bytes;
    std::vector<std::size_t> ends;  // one for each
    std::vector<OutsideBody> outside;

    [[nodiscard]] ByteView content(std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends[index - 1];
        return bytes.view().subspan(begin, ends[index] - begin);
    }
};
// Larger bodies have files of their own: a segment is filled with zeros first, which is twice the
// writing, and one of several would hardly be worth the name.
inline constexpr std::uint64_t inside_bytes_max = std::uint64_t{256} << 10U;
[[nodiscard]] EncodedRecords encode_records(std::span<const Record> records,
                                            std::uint64_t inside_max = inside_bytes_max);
[[nodiscard]] SharedBytes encode_life(const Life& life);

struct DecodedRecord {
    Record record;
    std::optional<BodySizes> outside;  // of a body that is still missing
};
// The views of a TaskAccepted lead into `content`. Requires: a kind of kind_of().
// Errors: malformed; the text names the field.
[[nodiscard]] Result<DecodedRecord> decode_record(RecordKind kind, const SharedBytes& content);
// Errors: malformed.
[[nodiscard]] Result<Life> decode_life(ByteView content);

}  // namespace penstock::broker
