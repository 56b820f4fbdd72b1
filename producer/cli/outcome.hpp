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

struct AwaitedTask {
    TaskId id;
    std::string type = {};  // as people will read it; empty: not known
    // The file for the result's bytes; empty: they are not saved; "-": stdout, and the value is
    // not printed.
    std::string out = {};
    bool accepted = false;  // the broker is known to have it
};

// Hands a task over, or asks for one: what the broker says of it goes to the two callbacks.
using StartTask = std::function<void(client::OnAccepted, client::OnFinished)>;

// Starts, waits for the end of the task and prints the result's value alone on stdout, or what
// went wrong on stderr. Whoever gets no result is told how to ask for it later, or, if the broker
// has not confirmed the task, how to submit it again. Returns the exit status.
[[nodiscard]] int wait_and_print(const StartTask& start, const AwaitedTask& task,
                                 const Globals& globals, const Output& output);

// Whoever interrupts gets the id of the task, which goes on. Returns the exit status.
[[nodiscard]] int print_interrupted(const AwaitedTask& task, const Interrupt& interrupt,
                                    const Output& output);

// What to do about a task that may or may not have been accepted.
[[nodiscard]] std::string unconfirmed_words(const TaskId& id);

}  // namespace penstock::cli
