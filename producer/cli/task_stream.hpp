// Many tasks through one client, a bounded number at a time: reads the next when there is room,
// hands every end over, heeds Ctrl-C and the deadline.
//
// Thread rule: used by the command's thread, on which all callbacks here run.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "producer/cli/waiting.hpp"
#include "producer/client/client.hpp"
#include "producer/core/pending_entry.hpp"

namespace penstock::cli {

// How a task ended: accepted (if nobody waits for more), ended, or not possible.
using Ending = std::variant<client::Receipt, TaskResult, Error>;

// What the input gives next.
struct NoneYet {};   // more when the input's descriptor is readable
struct NoneLeft {};  // the end
using Offer = std::variant<client::NewTask, Error, NoneYet, NoneLeft>;

struct TaskStream {
    client::Submission submission;
    client::Interest interest = client::Interest::result;
    // Tasks that are handed over and have not ended.
    std::size_t in_flight_max = 1;
    // The next task, or why there is none: an Error takes the task's place and ends at once.
    std::function<Offer()> next;
    int input_descriptor = -1;
    // Once per offer, in the order of the ends; `index` counts the offers.
    std::function<void(std::size_t index, const TaskId& id, Ending ending)> on_end;
    // After each step, for a progress bar.
    std::function<void(std::size_t ended)> on_step;
};

// Runs until the input is at its end and every task has ended, or a wait is over.
[[nodiscard]] Wake run_stream(client::Client& client, const TaskStream& stream,
                              std::optional<TimePoint> deadline, const Interrupt& interrupt);

}  // namespace penstock::cli
