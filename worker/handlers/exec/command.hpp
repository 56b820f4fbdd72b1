// One command, run to its end: nothing of it is left when run_command() returns.
//
// Thread rule: called by a slot's thread, which outlives the command.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::exec {

struct CommandPlan {
    std::vector<std::string> argv;         // the first is the program's path
    std::vector<std::string> environment;  // NAME=VALUE, and nothing else
    ByteView standard_input;               // must stay valid until run_command() returns
    std::chrono::milliseconds time_limit{0};
    std::size_t output_bytes_max = 0;
};

struct CommandEnd {
    int exit = 0;  // as shells count: 128 + the signal's number for what a signal has ended
    std::string standard_output;
    std::string standard_error;  // its last stderr_bytes_max bytes
    std::chrono::milliseconds time{0};
};

// Runs it in a process group of its own, which is killed when the command ends, when it is
// cancelled, when it takes too long and when it writes too much. Standard input is a file with the
// bytes, so the command may leave it unread.
// Errors: failed (it does not start; over the time limit, which is never later than shortly before
// the attempt's deadline), rejected (over the output limit), cancelled.
[[nodiscard]] Result<CommandEnd> run_command(const CommandPlan& plan, Context& context);

}  // namespace penstock::worker::exec
