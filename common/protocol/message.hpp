// One struct per message of docs/PROTOCOL.md, in the order of its table.
//
// Thread rule: values. Text and bodies of a decoded message share ownership of, or are copied
// from, the frames they came in; a decoded message outlives its frames.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/task.hpp"

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
};

struct Hello {
    std::string name;
};
struct Welcome {
    Epoch epoch;
    std::string broker_version;
    std::chrono::milliseconds heartbeat{0};
    std::chrono::milliseconds liveness{0};
    std::uint64_t body_max_bytes = 0;
    std::uint64_t batch_max = 0;  // tasks, results or ids in one message
};
struct SubmittedTask {
    TaskId id;
    Body body;
};
struct Submit {
    std::string type;
    std::string queue;
    TaskOptions options;
    std::vector<SubmittedTask> tasks;
};
struct Receipt {
    Durability durability = Durability::memory;
    std::vector<TaskId> ids;
};
struct Refusal {
    Error error;
    std::chrono::milliseconds retry_after{0};
    std::vector<TaskId> ids;  // empty: the whole message, or the session
};
struct Await {
    std::vector<TaskId> ids;
};
struct ResultBatch {
    std::vector<TaskResult> results;
};
struct Cancel {
    std::vector<TaskId> ids;
};
struct Cancelling {
    std::vector<TaskId> ids;
};

enum class QueryKind : std::uint8_t { task = 1, tasks = 2, queues = 3, workers = 4, broker = 5 };
struct Query {
    std::uint64_t request = 0;
    QueryKind what = QueryKind::broker;
    std::optional<TaskId> id;
    std::optional<TaskState> state;
    std::string queue;  // empty: any
    std::string type;   // empty: any
    std::uint64_t cursor = 0;
    std::uint64_t limit = 0;
};

struct TaskRow {
    TaskId id;
    std::string type;
    std::string queue;
    TaskState state = TaskState::queued;
    DeadReason dead_reason = DeadReason::none;
    std::uint32_t attempts = 0;
    std::uint32_t max_attempts = 0;
    std::int64_t created_at = 0;  // Unix milliseconds, as are the next two; 0: not yet
    std::int64_t started_at = 0;
    std::int64_t finished_at = 0;
    std::optional<Site> site;
    std::uint32_t thread = 0;
    std::chrono::microseconds run{0};
    std::uint32_t progress_permille = 0;
    std::string progress_note;
    std::optional<Error> error;
    std::uint64_t result_bytes = 0;
};
struct QueueRow {
    std::string name;
    std::array<std::uint64_t, task_state_count> counts{};  // by state number, from 1
    std::uint64_t bytes = 0;
    std::chrono::milliseconds oldest_age{0};
};
struct WorkerRow {
    WorkerId worker;
    Site site;
    bool draining = false;
    std::array<std::uint32_t, slot_class_count> slots{};
    std::array<std::uint32_t, slot_class_count> leases{};
    std::vector<std::string> queues;
    std::vector<std::string> labels;
    std::vector<std::string> types;
    std::int64_t joined_at = 0;  // Unix milliseconds
    std::chrono::milliseconds silent{0};
    std::uint64_t completed = 0;
};
struct BrokerRow {
    std::string version;
    Epoch epoch;
    std::int64_t started_at = 0;
    std::uint64_t open_tasks = 0;
    std::uint64_t finished_tasks = 0;
    std::uint64_t result_bytes = 0;
    std::uint64_t workers = 0;
    std::uint64_t stale_outcomes = 0;
    std::uint64_t refused = 0;
};
// Rows of the kind that was asked for; the vector's type tells `what`, but for QueryKind::task,
// which shares TaskRow.
using Rows = std::variant<std::vector<TaskRow>, std::vector<QueueRow>, std::vector<WorkerRow>,
                          std::vector<BrokerRow>>;
struct Answer {
    std::uint64_t request = 0;
    QueryKind what = QueryKind::broker;
    Rows rows;
    std::uint64_t next_cursor = 0;
};

struct Heartbeat {};
struct Goodbye {};

struct OfferedType {
    std::string type;
    SlotClass slot_class = SlotClass::cpu;
};
struct Join {
    WorkerId worker;
    Site site;
    std::array<std::uint32_t, slot_class_count> slots{};
    std::vector<OfferedType> types;
    std::vector<std::string> queues;  // empty: all
    std::vector<std::string> labels;
    std::vector<Lease> held;  // all of one epoch
};
struct Assignment {
    Lease lease;
    Body body;
};
struct DispatchGroup {
    std::string type;
    std::string queue;
    std::chrono::milliseconds time_limit{0};
    std::vector<Assignment> tasks;
};
struct Dispatch {
    Epoch epoch;
    std::vector<DispatchGroup> groups;
};
struct Outcome {
    Lease lease;
    std::uint32_t thread = 0;
    std::chrono::microseconds run{0};
    std::optional<Error> error;
    Body output;
};
struct OutcomeBatch {
    Epoch epoch;
    std::vector<Outcome> outcomes;
};
struct Settled {
    Epoch epoch;
    std::vector<TaskId> ids;
};
struct Recall {
    Epoch epoch;
    std::vector<Lease> leases;
};
struct Returned {
    Epoch epoch;
    std::vector<Lease> leases;
};
struct Stop {
    Epoch epoch;
    std::chrono::milliseconds grace{0};
    std::vector<Lease> leases;
};
struct ProgressReport {
    Lease lease;
    std::uint32_t permille = 0;
    std::string note;
};
struct Progress {
    Epoch epoch;
    std::vector<ProgressReport> reports;
};
struct Drain {};

enum class DeathCause : std::uint8_t { exited = 1, signalled = 2, out_of_memory = 3 };
enum class Fate : std::uint8_t { running = 0, over_time_limit = 1, being_cancelled = 2 };
struct StartedLease {
    Lease lease;
    Fate fate = Fate::running;
};
struct Obituary {
    std::uint64_t number = 0;
    WorkerId worker;
    DeathCause cause = DeathCause::exited;
    std::uint32_t code = 0;  // exit status or signal number
    std::uint64_t peak_memory_bytes = 0;
    Epoch epoch;
    std::vector<StartedLease> started;
};
struct Noted {
    std::uint64_t number = 0;
};

// In the order of Kind, so that index() + 1 is the kind's number.
using Message =
    std::variant<Hello, Welcome, Submit, Receipt, Refusal, Await, ResultBatch, Cancel, Cancelling,
                 Query, Answer, Heartbeat, Goodbye, Join, Dispatch, OutcomeBatch, Settled, Recall,
                 Returned, Stop, Progress, Drain, Obituary, Noted>;

}  // namespace penstock::protocol
