// What `submit --wait` and `task result` do with the end of one task.
//
// Thread rule: used by the command's thread.
#pragma once

#include <functional>
#include <string>

#include "producer/cli/interrupt.hpp"
#include "producer/cli/output.hpp"
#include "producer/client/client.hpp"

namespace penstock::cli {

// Where the result's bytes go.
struct Keep {
    std::string file;  // empty: nowhere
};

// Waits for the end of a task that has been handed over by `start`, which passes its ends on to
// the OnFinished it is given. Prints the result's value alone on stdout, or what went wrong on
// stderr; `what` names the task there. Returns the exit status.
[[nodiscard]] int wait_and_print(const std::function<void(client::OnFinished)>& start,
                                 const TaskId& id, const std::string& type, const Keep& keep,
                                 const Globals& globals, const Output& output);

}  // namespace penstock::cli
