// What the broker knows, as JSON for programs and as words for people.
//
// Thread rule: free functions over values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/model/task.hpp"
#include "common/protocol/query_messages.hpp"
#include "common/protocol/value.hpp"

namespace penstock::cli {

[[nodiscard]] Value to_json(const protocol::TaskRow& row);
[[nodiscard]] Value to_json(const protocol::QueueRow& row);
[[nodiscard]] Value to_json(const protocol::WorkerRow& row);
// {"code", "message"}
[[nodiscard]] Value to_json(const Error& error);
// {"id", "state", "value", "host", "pid", "process", "thread", "ms", "attempts", "payload_bytes",
// "error"}; a value that cannot be read is null.
[[nodiscard]] Value to_json(const TaskResult& result);

// One object per row.
template <typename Row>
[[nodiscard]] Value to_json(const std::vector<Row>& rows) {
    Value array = Value::array();
    for (const Row& row : rows) {
        array.push_back(to_json(row));
    }
    return array;
}

// "host", "process 2 (pid 4711)" and the like: empty for a task that never ran.
[[nodiscard]] std::string process_words(const Site& site);
[[nodiscard]] double to_milliseconds(std::chrono::microseconds duration);

// Why a task that has ended is not completed, without its id:
// "dead (no_handler): no worker offers math.dubble".
[[nodiscard]] std::string failure_words(const TaskResult& result);
// "3 s ago"; empty for 0. `now` and `then` in Unix milliseconds.
[[nodiscard]] std::string ago_words(std::int64_t then, std::int64_t now);
// "in 5 min", or "now" if it is not later than now.
[[nodiscard]] std::string in_words(std::int64_t then, std::int64_t now);

}  // namespace penstock::cli
