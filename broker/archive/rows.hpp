// Tasks as rows of the archive's tables, and back.
//
// Thread rule: used by one thread at a time.
#pragma once

#include <algorithm>
#include <vector>

#include "broker/archive/sqlite.hpp"
#include "broker/core/archive_entry.hpp"

namespace penstock::broker {

// How much of the archive something is.
struct Extent {
    std::uint64_t tasks = 0;
    std::uint64_t bytes = 0;  // of what they were submitted with

    Extent& operator+=(const Extent& other) {
        tasks += other.tasks;
        bytes += other.bytes;
        return *this;
    }
    // At least nothing: somebody may have removed rows with a tool of his own.
    Extent& operator-=(const Extent& other) {
        tasks -= std::min(tasks, other.tasks);
        bytes -= std::min(bytes, other.bytes);
        return *this;
    }
};
// What a DELETE of tasks that returns body_bytes removes. Runs it.
[[nodiscard]] Extent removed_by(Statement& removal);

// Puts in one task after the other, with the same statements. Requires: a transaction.
class RowWriter {
  public:
    explicit RowWriter(Database& database);

    void put(const ArchiveEntry& entry);
    [[nodiscard]] const Extent& added() const { return added_; }
    [[nodiscard]] const Extent& removed() const { return removed_; }

  private:
    void put_task(const ArchiveEntry& entry);
    void put_body(std::int64_t position, const Body& body);
    void put_reports(std::int64_t position, const protocol::ArchivedTask& task);

    Database& database_;
    Statement find_;
    Statement remove_;
    Statement task_;
    Statement body_;
    Statement report_;
    Extent added_;
    Extent removed_;
};

// The columns of `tasks` that task_in() reads, for a SELECT; the first one is the position.
inline constexpr const char* task_columns =
    "position, id, type, queue, state, dead_reason, attempts, durability, max_attempts, "
    "time_limit_ms, backoff_base_ms, backoff_max_ms, created_at, finished_at, error_code, "
    "error_message, retry_id, retried_at";
// Without reports and body. Words that are none of ours, which somebody has written into the file,
// are read as the nearest thing.
[[nodiscard]] protocol::ArchivedTask task_in(const Statement& row);
// What belongs to the task at that position.
[[nodiscard]] std::vector<protocol::AttemptReport> reports_of(Database& database,
                                                              std::int64_t position);
[[nodiscard]] Body body_of(Database& database, std::int64_t position);

}  // namespace penstock::broker
