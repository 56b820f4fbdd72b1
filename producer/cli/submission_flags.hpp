// The flags that say what a task is and how it is treated, shared by `submit` and `map`.
//
// Thread rule: used by the command's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/process/flags.hpp"
#include "producer/core/submission.hpp"

namespace penstock::cli {

struct SubmissionFlags {
    std::string type;
    std::string queue = "default";
    std::string durability = "disk";
    std::uint32_t max_attempts = 0;
    std::chrono::milliseconds time_limit{0};
    std::chrono::milliseconds backoff{0};
    std::chrono::milliseconds delay{0};
    std::string at;
    std::string expires;
};

// The positional TYPE first, then the flags.
void add_submission_flags(CLI::App& command, SubmissionFlags& flags);

// Errors: malformed (a name, level or time that cannot be).
[[nodiscard]] Result<client::Submission> read_submission(const SubmissionFlags& flags);

// JSON on the command line (`what` names it in the error); empty is nil.
// Errors: malformed, with line and column.
[[nodiscard]] Result<SharedBytes> read_args(const std::string& json, const std::string& what);

}  // namespace penstock::cli
