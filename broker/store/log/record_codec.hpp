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
[[nodiscard]] SharedBytes encode_record(const Record& record);
[[nodiscard]] SharedBytes encode_life(const Life& life);

// The views of a TaskAccepted lead into `content`. Requires: a kind of kind_of().
// Errors: malformed; the text names the field.
[[nodiscard]] Result<Record> decode_record(RecordKind kind, const SharedBytes& content);
// Errors: malformed.
[[nodiscard]] Result<Life> decode_life(ByteView content);

}  // namespace penstock::broker
