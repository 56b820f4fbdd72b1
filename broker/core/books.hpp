// Everything that the scheduler knows, in one place: the parts of the core work on these books and
// hold no state of their own.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/core/archive_debt.hpp"
#include "broker/core/attempt_histories.hpp"
#include "broker/core/deadline_queue.hpp"
#include "broker/core/effect.hpp"
#include "broker/core/event.hpp"
#include "broker/core/lanes.hpp"
#include "broker/core/outbox.hpp"
#include "broker/core/remembered_ids.hpp"
#include "broker/core/retry_policy.hpp"
#include "broker/core/settings.hpp"
#include "broker/core/task_table.hpp"
#include "broker/core/workers.hpp"

namespace penstock::broker {

// A peer that has said HELLO or JOIN.
struct Session {
    enum class Role : std::uint8_t { producer, worker, reporter };

    Role role = Role::producer;
    TimePoint last_heard;
    WorkerIndex worker = no_index;  // of a worker
    MemoryDomain domain = no_domain;
};

struct Counters {
    std::uint64_t stale_outcomes = 0;     // refused: the lease was no longer held
    std::uint64_t refused = 0;            // tasks not accepted
    std::uint64_t open_bytes = 0;         // of the bodies of open tasks
    std::uint64_t bodies_here_bytes = 0;  // of those of them that are in memory
    std::uint64_t fetched_bytes = 0;      // of those of them that were away, and wait
    std::uint64_t finished = 0;           // finished tasks that are still known
    std::uint64_t result_bytes = 0;       // of their results that are still kept
};

// A task as a list remembers it: void when its position has another id.
struct TaskRef {
    TaskIndex task;
    TaskId id;
};

// The record of a task's acceptance: the journal keeps it as long as the task is known.
struct KeptRecord {
    Sequence sequence = 0;
    TaskIndex task = no_index;
    std::uint32_t journal_kib = 0;  // of Books::journal_bytes when it was written
};

// The record that has the body of a task.
struct StoredBody {
    Sequence sequence = 0;
    TaskIndex task = no_index;
};

// Everything up to `up_to` can go, as soon as `safe_with` is durable.
struct TrimMark {
    Sequence up_to = 0;
    Sequence safe_with = 0;
};

[[nodiscard]] inline bool is_current(const TaskTable& tasks, const TaskRef& entry) {
    return tasks.used(entry.task) && tasks[entry.task].id == entry.id;
}

// A finished task, until it is forgotten.
struct EndedTask {
    TaskRef ref;
    Sequence sequence = 0;  // of the record of its end
    TimePoint ended_at;
};

// A suspect that waits for a process of its own.
struct WaitingSuspect {
    TaskRef ref;
    WorkerIndex kept = no_index;  // takes nothing else, until it is idle
};

struct Books {
    Books(const Settings& chosen, std::uint64_t seed, Instant now)
        : settings(chosen),
          started_at(now.unix_ms),
          tasks(seed),
          workers(chosen),
          remembered(chosen, seed),
          outbox(chosen),
          random(seed) {}

    Settings settings;
    Epoch epoch;
    std::int64_t started_at;  // Unix milliseconds

    TaskTable tasks;
    Lanes lanes;
    Workers workers;
    DeadlineQueue deadlines;
    AppointmentQueue appointments;
    RememberedIds remembered;
    Outbox outbox;
    Random random;
    Counters counters;

    std::unordered_map<SessionId, Session> sessions;
    std::vector<SessionId> ended;        // to be forgotten by the shell
    std::vector<BackupRequest> backups;  // to be answered by the shell
    // Sessions beyond Task::waiter that wait for a task.
    std::unordered_multimap<TaskIndex, SessionId> more_waiters;
    // Suspects that wait to run alone, oldest first. Valid while Task::suspect and queued.
    std::deque<WaitingSuspect> suspects;
    // Finished tasks, oldest first, and those of them with a result that takes room.
    std::deque<EndedTask> finished;
    std::deque<EndedTask> results;

    // Known tasks by the records that they were accepted with, oldest first; entries of tasks that
    // have been forgotten since are void.
    std::deque<KeptRecord> kept_records;
    std::size_t void_records_max = 0;  // at most so many of them are void
    std::uint64_t journal_bytes = 0;   // about what all records so far have taken
    TrimMark trim_mark;
    // Tasks whose bodies may be put away when the record is durable; some of them no more.
    std::deque<StoredBody> to_put_away;
    std::vector<Sequence> wanted_bodies;  // to be read
    DiskReport disk;
    std::vector<Record> records;  // to be appended
    Sequence last_sequence = 0;
    std::uint64_t last_ticket = 0;

    AttemptHistories histories;
    ArchiveDebt archive_debt;
    Sequence archived = 0;                      // what a former life has got into the archive
    std::vector<ArchiveEntry> archive_entries;  // to be handed over
    std::vector<ArchiveQuestion> archive_questions;

    // What a promise about the task as it is now waits for.
    [[nodiscard]] Sequence safe_with(const Task& task) const {
        return task.is_journaled() ? last_sequence : 0;
    }
    [[nodiscard]] std::uint64_t open_tasks() const { return tasks.size() - counters.finished; }
    // Writes it down if the task is to survive the broker. Returns what a promise about it waits
    // for. The record is built in place; the kinds are large.
    template <typename Kind>
    Sequence append(const Task& task, Kind record) {
        return task.is_journaled() ? append(std::move(record)) : 0;
    }
    template <typename Kind>
    Sequence append(Kind record) {
        journal_bytes += broker::journal_bytes(record);
        records.emplace_back(std::in_place_type<Kind>, std::move(record));
        return ++last_sequence;
    }
};

}  // namespace penstock::broker
