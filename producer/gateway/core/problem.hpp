// What is said to a caller who does not get what was asked for: RFC 9457 problem JSON with a
// stable code for programs. docs/HTTP.md lists the codes.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/ids.hpp"
#include "common/model/result.hpp"
#include "common/model/task.hpp"

namespace penstock::gateway {

struct Problem {
    int status = 500;
    std::string code = "internal";  // stable; programs decide by it
    std::string detail;             // a sentence for people that says what to do
    // For Retry-After.
    std::optional<std::chrono::seconds> retry_after{};
    // For Allow, with 405.
    std::string allow{};
    // The tasks that it is about, in the order of their results.
    std::vector<TaskId> tasks{};

    friend bool operator==(const Problem&, const Problem&) = default;
};

template <typename T>
using Answered = tl::expected<T, Problem>;

// `return refuse(400, "malformed_json", "...");`
[[nodiscard]] tl::unexpected<Problem> refuse(int status, std::string code, std::string detail);

// The reason phrase of a status, such as "Not Found".
[[nodiscard]] std::string_view phrase(int status);

// The problem as JSON: type, title, status, code, detail, and task or tasks if there are any.
[[nodiscard]] std::string to_json(const Problem& problem);

// Why the broker, or the way to it, gave no result.
[[nodiscard]] Problem problem_of(const Error& error);
// Why a task that has ended is not completed. Requires: it is not.
[[nodiscard]] Problem problem_of(const TaskResult& result);

// The caller's wait ended first.
[[nodiscard]] Problem wait_over(std::vector<TaskId> tasks, std::chrono::milliseconds waited);

// The same, before anything was handed to the broker: nothing goes on.
[[nodiscard]] Problem not_started();

// The same, and the broker has not confirmed that it has the tasks: nothing is promised.
[[nodiscard]] Problem not_accepted();

}  // namespace penstock::gateway
