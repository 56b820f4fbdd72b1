// A task as /v1/tasks/ID shows it.
//
// Thread rule: values.
#pragma once

#include <string>

#include "common/protocol/query_messages.hpp"

namespace penstock::gateway {

// id, type, queue, state, dead_reason, attempts, max_attempts, created_at, started_at,
// finished_at, progress, note, ms, result_bytes and error; times are Unix milliseconds or null.
// Which machine it ran on is nobody's business outside.
[[nodiscard]] std::string task_json(const protocol::TaskRow& row);

}  // namespace penstock::gateway
