// What a command tells the shell that started it.
//
// Thread rule: free functions over values.
#pragma once

#include "common/model/error.hpp"
#include "common/model/task.hpp"
#include "common/process/flags.hpp"

namespace penstock::cli {

using process::ExitCode;

// For an error of a command or of the broker. Bad input (malformed, too_large) is `usage`.
[[nodiscard]] ExitCode exit_code(ErrorCode code);
// For a task that has ended: ok if it is completed, or task_failed.
[[nodiscard]] ExitCode exit_code(const TaskResult& result);

// Of many tasks, one exit code: the gravest. That the broker is gone outweighs that one task
// failed, because the rest was not even tried.
[[nodiscard]] ExitCode graver(ExitCode a, ExitCode b);

// 128 and the signal's number, as shells have it.
[[nodiscard]] constexpr int exit_status(int signal) {
    return 128 + signal;
}
[[nodiscard]] constexpr int exit_status(ExitCode code) {
    return static_cast<int>(code);
}

}  // namespace penstock::cli
