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

// How a task ended: not before the wait was over, accepted (if nobody waits for more), ended, or
// not possible.
struct Unfinished {};
using Ending = std::variant<Unfinished, client::Receipt, TaskResult, Error>;

// What the input gives next.
struct NoneYet {};       // more when the input's descriptor is readable
struct NoneLeft {};      // the end
struct NoneUntilEnd {};  // more once another task has ended
struct FollowUp {        // a task of the stream's second submission
    client::NewTask task;
};
using Offer = std::variant<client::NewTask, FollowUp, Error, NoneYet, NoneUntilEnd, NoneLeft>;

struct TaskStream {
    client::Submission submission;
    client::Submission follow_up = {};
    client::Interest interest = client::Interest::result;
    // Tasks that are handed over and have not ended.
    std::size_t in_flight_max = 1;
    // The next task, or why there is none: an Error takes the task's place and ends at once.
    std::function<Offer()> next;
    int input_descriptor = -1;
    // While it gives false nothing more is taken from the input, whatever room there is; empty:
    // it always may. For a caller that holds ends back, whose memory in_flight_max does not bound.
    std::function<bool()> takes_more = nullptr;
    // Once per offer, in the order of the ends; `index` counts the offers. `id` is empty if the
    // offer was an Error.
    std::function<void(std::size_t index, const TaskId& id, Ending ending)> on_end;
    // After each step, for a progress bar.
    std::function<void(std::size_t ended)> on_step;
};

// Runs until the input is at its end and every task has ended, or a wait is over.
[[nodiscard]] Wake run_stream(client::Client& client, const TaskStream& stream,
                              std::optional<TimePoint> deadline, const Interrupt& interrupt);

}  // namespace penstock::cli
