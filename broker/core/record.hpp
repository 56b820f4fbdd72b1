// What the scheduler wants remembered: the broker's history in the order in which it happened.
// A journal (broker/store) keeps records; replaying them gives the tasks back.
//
// Thread rule: values. The views are valid during the call that hands a record over.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/task.hpp"
#include "common/protocol/archive_messages.hpp"

namespace penstock::broker {

// Counts records from 1 in the order of their appending, over all lives of a journal.
using Sequence = std::uint64_t;

struct TaskAccepted {
    TaskId id;
    std::string_view type;
    std::string_view queue;
    TaskOptions options;
    Body body;
    std::int64_t created_at = 0;  // Unix milliseconds
    std::uint64_t ticket = 0;     // its place in the order
};
// An attempt was charged and another one will follow.
struct AttemptFailed {
    TaskId id;
    std::uint32_t runs = 0;
    std::uint32_t charged = 0;
    std::uint32_t alone_deaths = 0;
    std::uint64_t ticket = 0;  // its new place in the order
    std::int64_t run_at = 0;   // of the next one; Unix milliseconds
    std::optional<protocol::AttemptReport> report = {};
};
struct CancelRequested {
    TaskId id;
};
struct TaskFinished {
    TaskResult result;
    std::int64_t finished_at = 0;  // Unix milliseconds
    // For the archive, where it gets the task.
    std::int64_t started_at = 0;  // the last attempt
    std::optional<protocol::Death> death = {};
    bool again = false;  // written again: what it was accepted with has no body any more
};

// The broker has forgotten these, which had ended: their ids are all it remembers.
struct TasksForgotten {
    std::int64_t floor_ms = 0;      // what was made before may not be remembered any more
    std::int64_t forgotten_at = 0;  // Unix milliseconds
    std::vector<TaskId> ids;        // perhaps none, for the floor alone
};

using Record =
    std::variant<TaskAccepted, AttemptFailed, CancelRequested, TaskFinished, TasksForgotten>;

// About what these take in a journal, and in memory.
[[nodiscard]] inline std::uint64_t size_bytes(const protocol::AttemptReport& report) {
    constexpr std::uint64_t numbers = 100;
    return numbers + report.site.host.size() + (report.error ? report.error->message.size() : 0) +
           (report.death ? report.death->last_words.size() : 0);
}
// About what a record takes in a journal.
[[nodiscard]] inline std::uint64_t journal_bytes(const TaskAccepted& record) {
    return 100 + record.type.size() + record.queue.size() + record.body.size_bytes();
}
[[nodiscard]] inline std::uint64_t journal_bytes(const AttemptFailed& record) {
    return 60 + (record.report ? size_bytes(*record.report) : 0);
}
[[nodiscard]] inline std::uint64_t journal_bytes(const CancelRequested& /*record*/) {
    return 40;
}
[[nodiscard]] inline std::uint64_t journal_bytes(const TaskFinished& record) {
    const TaskResult& result = record.result;
    return 100 + result.site.host.size() + (result.error ? result.error->message.size() : 0) +
           (record.death ? record.death->last_words.size() : 0) + result.output.size_bytes();
}
[[nodiscard]] inline std::uint64_t journal_bytes(const TasksForgotten& record) {
    return 60 + record.ids.size() * sizeof(TaskId);
}

}  // namespace penstock::broker
