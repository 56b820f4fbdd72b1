// A record as the broker wrote it down, put together of what the segment and the file of its body
// hold.
//
// Thread rule: a function over the folder.
#pragma once

#include "broker/store/log/files.hpp"
#include "broker/store/log/record_codec.hpp"

namespace penstock::broker {

// `batch` is where the record's batch begins. The record's names lead into `content`, which is that
// of `raw`. Requires: a kind of kind_of(). Errors: malformed (the text names the field or file),
// internal.
[[nodiscard]] Result<Record> whole_record(Folder& folder, const RawRecord& raw,
                                          const SharedBytes& content, const Place& batch);
// The names would lead nowhere.
Result<Record> whole_record(Folder& folder, const RawRecord& raw, SharedBytes&& content,
                            const Place& batch) = delete;

}  // namespace penstock::broker
