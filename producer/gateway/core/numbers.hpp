// The numbers of /process: read, spread over tasks, joined in order.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/task.hpp"
#include "producer/gateway/core/problem.hpp"

namespace penstock::gateway {

// Reads `{"numbers": [10, 20]}`; whole numbers from 0, at most numbers_max. 400 for what is no
// JSON, 422 for JSON that holds something else, with the place of the first mistake.
[[nodiscard]] Answered<std::vector<std::int64_t>> read_numbers(std::string_view json);

// The arguments of the tasks, in order: as even as can be, at most tasks_per_request_max.
[[nodiscard]] std::vector<SharedBytes> split_numbers(const std::vector<std::int64_t>& numbers);

// What the tasks gave, in the order of split_numbers(), as `{"result": [75306, 75596]}`. The first
// task that is not completed, or gave something else, is the problem.
[[nodiscard]] Answered<std::string> join_results(const std::vector<TaskResult>& results);

}  // namespace penstock::gateway
