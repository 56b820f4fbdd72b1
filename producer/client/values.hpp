// Arguments and results as values (common/protocol/value.hpp), for callers that do not care how
// they travel.
//
// Thread rule: free functions over values.
#pragma once

#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/protocol/value.hpp"
#include "producer/core/submission.hpp"

namespace penstock::client {

// A task under a fresh id. `payload`: raw bytes beside the arguments, such as an image.
[[nodiscard]] NewTask make_task(const Value& args, SharedBytes payload = {});

// What a finished task gave, null if it gave no value. Errors: those of the call that waited for
// it; for a task that did not complete, why; malformed, if a worker sent what is no value.
[[nodiscard]] Result<Value> value_of(const Result<TaskResult>& ended);

}  // namespace penstock::client
