// One struct per message of docs/PROTOCOL.md, in the order of its table.
//
// Thread rule: values. Text of a decoded message is copied from the frames that it came in, bodies
// share their memory; so a decoded message outlives its frames.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/task.hpp"
#include "common/protocol/archive_messages.hpp"
#include "common/protocol/backup_messages.hpp"
#include "common/protocol/memory_messages.hpp"
#include "common/protocol/query_messages.hpp"
#include "common/protocol/worker_messages.hpp"

namespace penstock::protocol {

inline constexpr std::uint64_t version = 1;

// These numbers are on the wire: never change or reuse one.
enum class Kind : std::uint8_t {
    hello = 1,
    welcome = 2,
    submit = 3,
    receipt = 4,
    refusal = 5,
    await = 6,
    result = 7,
    cancel = 8,
    cancelling = 9,
    query = 10,
    answer = 11,
    heartbeat = 12,
    goodbye = 13,
    join = 14,
    dispatch = 15,
    outcome = 16,
    settled = 17,
    recall = 18,
    returned = 19,
    stop = 20,
    progress = 21,
    drain = 22,
    obituary = 23,
    noted = 24,
    backup = 25,
    backup_part = 26,
    archive_request = 27,
    archive_reply = 28,
    slots_free = 29,
    slots_read = 30,
    no_memory = 31,
};
// The name in the document's table, such as "SUBMIT".
[[nodiscard]] std::string_view name(Kind kind);

struct Hello {
    std::string name;
    std::optional<Memory> memory{};
    friend bool operator==(const Hello&, const Hello&) = default;
};
struct Welcome {
    Epoch epoch;
    std::string broker_version;
    std::chrono::milliseconds heartbeat{0};
    std::chrono::milliseconds liveness{0};
    std::uint64_t body_max_bytes = 0;
    std::uint64_t batch_max = 0;  // tasks, results or ids in one message
    // What is still lent of the segment that was named. Nothing: no memory is shared.
    std::optional<std::vector<SlotLoan>> lent{};
    friend bool operator==(const Welcome&, const Welcome&) = default;
};
struct SubmittedTask {
    TaskId id;
    Body body;
    friend bool operator==(const SubmittedTask&, const SubmittedTask&) = default;
};
struct Submit {
    std::string type;
    std::string queue;
    TaskOptions options;
    std::vector<SubmittedTask> tasks;
    friend bool operator==(const Submit&, const Submit&) = default;
};
struct Receipt {
    Durability durability = Durability::memory;
    std::vector<TaskId> ids;
    friend bool operator==(const Receipt&, const Receipt&) = default;
};
struct Refusal {
    Error error;
    std::chrono::milliseconds retry_after{0};
    std::vector<TaskId> ids;  // empty: the whole message, or the session
    friend bool operator==(const Refusal&, const Refusal&) = default;
};
struct Await {
    std::vector<TaskId> ids;
    friend bool operator==(const Await&, const Await&) = default;
};
struct ResultBatch {
    std::vector<TaskResult> results;
    friend bool operator==(const ResultBatch&, const ResultBatch&) = default;
};
struct Cancel {
    std::vector<TaskId> ids;
    friend bool operator==(const Cancel&, const Cancel&) = default;
};
struct Cancelling {
    std::vector<TaskId> ids;
    friend bool operator==(const Cancelling&, const Cancelling&) = default;
};

struct Heartbeat {
    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};
struct Goodbye {
    friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

using Message =
    std::variant<Hello, Welcome, Submit, Receipt, Refusal, Await, ResultBatch, Cancel, Cancelling,
                 Query, Answer, Heartbeat, Goodbye, Join, Dispatch, OutcomeBatch, Settled, Recall,
                 Returned, Stop, Progress, Drain, Obituary, Noted, Backup, BackupPart,
                 ArchiveRequest, ArchiveReply, SlotsFree, SlotsRead, NoMemory>;
[[nodiscard]] inline Kind kind_of(const Message& message) {
    return static_cast<Kind>(message.index() + 1);
}

}  // namespace penstock::protocol
