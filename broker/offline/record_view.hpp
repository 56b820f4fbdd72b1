// What a journal holds, as words for people and as JSON for programs. Both are made of one list of
// fields, whose names are those of docs/JOURNAL.md.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/store/log/record_codec.hpp"
#include "common/protocol/value.hpp"

namespace penstock::broker::offline {

// The kind's name in JSON and in text: "task_accepted".
[[nodiscard]] std::string_view name(RecordKind kind);
// "2026-11-27T17:21:04.003Z".
[[nodiscard]] std::string utc_text(std::int64_t unix_ms);

// In the order in which they are shown.
using Fields = std::vector<std::pair<std::string, Value>>;

enum class Bodies : std::uint8_t {
    sizes,  // and arguments of a few bytes
    whole,  // arguments as JSON, the payload in hexadecimal digits
};
[[nodiscard]] Fields fields_of(const Record& record, Bodies bodies);
[[nodiscard]] Fields fields_of(const Life& life);
// Whether the record is about that task.
[[nodiscard]] bool is_about(const Record& record, const TaskId& id);

// "17 task_accepted id=… type=math.double …", on one line whatever the fields hold.
[[nodiscard]] std::string to_text(Sequence sequence, RecordKind kind, const Fields& fields);
// {"sequence", "kind", …}
[[nodiscard]] Value to_json(Sequence sequence, RecordKind kind, const Fields& fields);

}  // namespace penstock::broker::offline
