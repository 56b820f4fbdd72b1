// What PendingTasks knows about one task: its stage, and who waits for what.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "common/model/id_index.hpp"
#include "common/model/time.hpp"
#include "producer/core/send_queue.hpp"
#include "producer/core/submission.hpp"

namespace penstock::client {

// Which of the application's asks a notice answers: chosen by the shell.
using Ticket = std::uint64_t;
// What ends an ask: the broker's receipt, or the end of the task.
enum class Interest : std::uint8_t { receipt, result };

struct Watcher {
    Ticket ticket = 0;
    Interest interest = Interest::receipt;
};

// To be sent. `sent_before`: a session that is gone may have carried it, so the broker may know
// it without knowing that this session waits for its end.
struct Waiting {
    Lane* lane = nullptr;
    Body body;
    bool sent_before = false;
};
// Sent, unanswered.
struct InFlight {
    Lane* lane = nullptr;
    Body body;
    bool sent_before = false;
    std::uint64_t flight = 0;
};
// Accepted, or submitted elsewhere (no receipt). Its end is awaited.
struct Awaited {
    std::optional<Receipt> receipt;
};

struct PendingEntry {
    TaskId id;
    IdIndex::Position position = IdIndex::none;  // as is_used, of PendingTable
    bool is_used = false;
    std::variant<Waiting, InFlight, Awaited> stage;
    TimePoint since;
    Watcher watcher;                // the first, of usually one
    std::vector<Watcher> watchers;  // the others
};

}  // namespace penstock::client
