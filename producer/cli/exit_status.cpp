#include "producer/cli/exit_status.hpp"

#include <algorithm>
#include <array>

namespace penstock::cli {

ExitCode exit_code(ErrorCode code) {
    switch (code) {
        case ErrorCode::malformed:
        case ErrorCode::too_large:
        case ErrorCode::insecure: return ExitCode::usage;
        case ErrorCode::not_found:
        case ErrorCode::result_expired: return ExitCode::not_found;
        case ErrorCode::conflict: return ExitCode::conflict;
        case ErrorCode::busy:
        case ErrorCode::disk_full: return ExitCode::refused;
        case ErrorCode::unavailable: return ExitCode::unavailable;
        case ErrorCode::timed_out: return ExitCode::wait_timed_out;
        case ErrorCode::rejected:
        case ErrorCode::failed:
        case ErrorCode::crashed:
        case ErrorCode::time_limit:
        case ErrorCode::lost:
        case ErrorCode::cancelled:
        case ErrorCode::expired:
        case ErrorCode::no_handler: return ExitCode::task_failed;
        case ErrorCode::version:
        case ErrorCode::no_session:
        case ErrorCode::durability:
        case ErrorCode::broker_restarted:
        case ErrorCode::unsupported:
        case ErrorCode::stale:
        case ErrorCode::internal: return ExitCode::error;
    }
    return ExitCode::error;
}

ExitCode exit_code(const TaskResult& result) {
    if (result.state != TaskState::completed) {
        return ExitCode::task_failed;
    }
    return result.error ? exit_code(result.error->code) : ExitCode::ok;
}

ExitCode graver(ExitCode a, ExitCode b) {
    static constexpr std::array order{
        ExitCode::ok,          ExitCode::task_failed,    ExitCode::not_found,
        ExitCode::conflict,    ExitCode::usage,          ExitCode::refused,
        ExitCode::error,       ExitCode::wait_timed_out, ExitCode::unauthorised,
        ExitCode::unavailable,
    };
    const auto rank = [](ExitCode code) { return std::ranges::find(order, code); };
    return rank(a) < rank(b) ? b : a;
}

}  // namespace penstock::cli
