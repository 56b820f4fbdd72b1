// `submit` without --wait: hands a task over and waits for the broker's word that it has it.
//
// Thread rule: used by the command's thread.
#pragma once

#include "producer/cli/output.hpp"
#include "producer/client/client.hpp"

namespace penstock::cli {

// Prints the task's id, also after Ctrl-C: the broker may have the task by then. Returns the exit
// status.
[[nodiscard]] int submit_and_print(client::Client& client, const client::Submission& submission,
                                   client::NewTask task, const Globals& globals,
                                   const Output& output);

}  // namespace penstock::cli
