// The contents of records, as MessagePack arrays: docs/JOURNAL.md, section 6.
//
// Thread rule: pure functions.
#pragma once

#include "broker/core/record.hpp"
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

// Contents of records, one behind the other in one piece of memory.
struct EncodedRecords {
    SharedBytes bytes;
    std::vector<std::size_t> ends;  // one for each

    [[nodiscard]] ByteView content(std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends[index - 1];
        return bytes.view().subspan(begin, ends[index] - begin);
    }
};
[[nodiscard]] EncodedRecords encode_records(std::span<const Record> records);
[[nodiscard]] SharedBytes encode_life(const Life& life);

// The views of a TaskAccepted lead into `content`. Requires: a kind of kind_of().
// Errors: malformed; the text names the field.
[[nodiscard]] Result<Record> decode_record(RecordKind kind, const SharedBytes& content);
// Errors: malformed.
[[nodiscard]] Result<Life> decode_life(ByteView content);

}  // namespace penstock::broker
