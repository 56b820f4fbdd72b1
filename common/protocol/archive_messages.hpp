// ARCHIVE_REQUEST and ARCHIVE_REPLY of docs/PROTOCOL.md: what is kept of tasks that have ended, and
// what became of each of their attempts.
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/task.hpp"
#include "common/protocol/worker_messages.hpp"

namespace penstock::protocol {

// What the process died of that an attempt ran in.
struct Death {
    DeathCause cause = DeathCause::exited;
    std::uint32_t code = 0;  // exit status or signal number
    std::uint64_t peak_memory_bytes = 0;
    std::chrono::microseconds cpu{0};  // that it has used, user and system
    std::string last_words;            // the end of what it wrote to stderr
    friend bool operator==(const Death&, const Death&) = default;
};
// How one attempt went.
struct AttemptReport {
    std::uint32_t attempt = 0;  // its number, from 1
    Site site;                  // empty: unknown
    std::uint32_t thread = 0;
    std::int64_t started_at = 0;       // Unix milliseconds; 0: unknown
    std::chrono::microseconds run{0};  // 0: it did not come to an end by itself
    std::optional<Error> error;        // none: it completed the task
    std::optional<Death> death;
    friend bool operator==(const AttemptReport&, const AttemptReport&) = default;
};
// A task that has ended.
struct ArchivedTask {
    TaskId id;
    std::string type;
    std::string queue;
    TaskState state = TaskState::dead;
    DeadReason dead_reason = DeadReason::none;
    std::uint32_t attempts = 0;   // runs in all; not every one of them has a report
    TaskOptions options;          // `notify` means nothing here
    std::int64_t created_at = 0;  // Unix milliseconds, as is the next
    std::int64_t finished_at = 0;
    std::optional<Error> error;
    // The task that was submitted in its place, or was to be; and when, 0 if that is not certain.
    std::optional<TaskId> retry_id;
    std::int64_t retried_at = 0;
    std::vector<AttemptReport> reports;  // oldest first
    Body body;                           // what it was submitted with
    friend bool operator==(const ArchivedTask&, const ArchivedTask&) = default;
};

enum class ArchiveAction : std::uint8_t {
    list = 1,     // a page of those that match the filter, newest first, without reports and bodies
    get = 2,      // those with these ids, whole
    remove = 3,   // those with these ids
    retried = 4,  // marks those with these ids: their retry ids have been accepted
};
struct ArchiveFilter {
    std::optional<TaskState> state;
    DeadReason dead_reason = DeadReason::none;  // none: any
    std::string queue;                          // empty: any
    std::string type;                           // empty: any
    std::int64_t since = 0;                     // ended then or later, in Unix milliseconds
    bool retried = false;                       // those that were retried, too
    friend bool operator==(const ArchiveFilter&, const ArchiveFilter&) = default;
};
struct ArchiveRequest {
    std::uint64_t request = 0;
    ArchiveAction action = ArchiveAction::list;
    std::vector<TaskId> ids;
    std::vector<TaskId> retry_ids;  // with get: as many as ids, or none
    ArchiveFilter filter;
    std::uint64_t cursor = 0;
    std::uint64_t limit = 1;  // at least 1, at most query_limit_max
    friend bool operator==(const ArchiveRequest&, const ArchiveRequest&) = default;
};
struct ArchiveReply {
    std::uint64_t request = 0;
    std::optional<Error> error;  // then the rest is empty
    std::vector<ArchivedTask> tasks;
    std::vector<TaskId> ids;  // get: those that are not there; else those that it was done to
    std::uint64_t next_cursor = 0;
    friend bool operator==(const ArchiveReply&, const ArchiveReply&) = default;
};

}  // namespace penstock::protocol
