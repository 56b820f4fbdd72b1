// Entries for an archive, and questions to it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/core/archive_entry.hpp"
#include "common/protocol/query_messages.hpp"

namespace penstock::broker::test {

[[nodiscard]] inline TaskId numbered(std::uint8_t number) {
    TaskId id;
    id.bytes[15] = number;
    return id;
}

// Dead of a failed attempt; the number is its sequence, too.
[[nodiscard]] inline ArchiveEntry dead_task(std::uint8_t number) {
    ArchiveEntry entry{number, {}, false};
    protocol::ArchivedTask& task = entry.task;
    task.id = numbered(number);
    task.type = "sum";
    task.queue = "default";
    task.dead_reason = DeadReason::attempts_exhausted;
    task.attempts = 2;
    task.options.max_attempts = 2;
    task.options.time_limit = std::chrono::milliseconds(1'000);
    task.created_at = 1'700'000'000'000;
    task.finished_at = 1'700'000'000'000 + number;
    task.error = Error{ErrorCode::failed, "it's \"broken\""};
    protocol::AttemptReport first;
    first.attempt = 1;
    protocol::AttemptReport last;
    last.attempt = 2;
    last.site = {"host", 4711, 3};
    last.thread = 1;
    last.started_at = 1'700'000'000'000;
    last.run = std::chrono::microseconds(1'500);
    last.error = Error{ErrorCode::crashed, "signal 9"};
    last.death = protocol::Death{protocol::DeathCause::out_of_memory, 9, 1U << 20U,
                                 std::chrono::microseconds(77), "last\nwords"};
    task.reports = {first, last};
    task.body = {SharedBytes::copy_of("args"), SharedBytes::copy_of(std::string("\0\xff", 2))};
    return entry;
}

[[nodiscard]] inline protocol::ArchiveRequest request_for(protocol::ArchiveAction action,
                                                          std::vector<TaskId> ids = {}) {
    protocol::ArchiveRequest request;
    request.request = 1;
    request.action = action;
    request.ids = std::move(ids);
    request.limit = protocol::query_limit_max;
    return request;
}

}  // namespace penstock::broker::test
