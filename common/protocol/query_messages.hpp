// QUERY and ANSWER of docs/PROTOCOL.md: what people see of a running broker.
//
// Thread rule: values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/task.hpp"

namespace penstock::protocol {

enum class QueryKind : std::uint8_t { task = 1, tasks = 2, queues = 3, workers = 4, broker = 5 };
inline constexpr std::uint64_t query_limit_max = 1000;  // rows in one answer
struct Query {
    std::uint64_t request = 0;
    QueryKind what = QueryKind::broker;
    std::optional<TaskId> id;
    std::optional<TaskState> state;
    std::string queue;  // empty: any
    std::string type;   // empty: any
    std::uint64_t cursor = 0;
    std::uint64_t limit = query_limit_max;  // at least 1
    friend bool operator==(const Query&, const Query&) = default;
};

struct TaskRow {
    TaskId id;
    std::string type;
    std::string queue;
    TaskState state = TaskState::queued;
    DeadReason dead_reason = DeadReason::none;
    std::uint32_t attempts = 0;
    std::uint32_t max_attempts = 0;
    std::int64_t created_at = 0;  // Unix milliseconds, as are the next four; 0: not yet
    std::int64_t started_at = 0;
    std::int64_t finished_at = 0;
    std::int64_t run_at = 0;      // not before this; 0: at once
    std::int64_t expires_at = 0;  // 0: never
    std::optional<Site> site;
    std::uint32_t thread = 0;
    std::chrono::microseconds run{0};
    std::uint32_t progress_permille = 0;
    std::string progress_note;
    std::optional<Error> error;
    std::uint64_t result_bytes = 0;
    friend bool operator==(const TaskRow&, const TaskRow&) = default;
};
struct QueueRow {
    std::string name;
    std::array<std::uint64_t, task_state_count> counts{};  // by state number, from 1
    std::uint64_t bytes = 0;
    std::chrono::milliseconds oldest_age{0};
    friend bool operator==(const QueueRow&, const QueueRow&) = default;
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
    friend bool operator==(const WorkerRow&, const WorkerRow&) = default;
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
    Durability durability = Durability::memory;  // the highest that it can give
    std::uint64_t journal_syncs = 0;             // since it started, as are the bytes
    std::uint64_t journal_bytes = 0;
    bool disk_nearly_full = false;
    friend bool operator==(const BrokerRow&, const BrokerRow&) = default;
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
    friend bool operator==(const Answer&, const Answer&) = default;
};

}  // namespace penstock::protocol
