// The words for a task that producers, broker and workers share: what is asked for, what became
// of it and where it ran. The rules of how a state changes are the broker's (broker/core/task.hpp).
//
// Thread rule: values.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"

namespace penstock {

// These numbers are on the wire and in journals: never change or reuse one.
enum class TaskState : std::uint8_t {
    scheduled = 1,
    queued = 2,
    active = 3,
    retrying = 4,
    blocked = 5,
    completed = 6,
    dead = 7,
    cancelled = 8,
    expired = 9,
};
inline constexpr std::uint8_t task_state_count = 9;

[[nodiscard]] std::string_view name(TaskState state);
[[nodiscard]] std::optional<TaskState> task_state_from_number(std::uint64_t number);
[[nodiscard]] std::optional<TaskState> task_state_from_name(std::string_view text);
// True for the states that no event ever changes again.
[[nodiscard]] bool is_final(TaskState state);

// Why a task is dead. Numbers are forever.
enum class DeadReason : std::uint8_t {
    none = 0,  // not dead
    attempts_exhausted = 1,
    poison = 2,
    rejected = 3,
    time_limit = 4,
    no_handler = 5,
    parent_failed = 6,
};
[[nodiscard]] std::string_view name(DeadReason reason);
[[nodiscard]] std::optional<DeadReason> dead_reason_from_number(std::uint64_t number);

// How safe a task is before its receipt is sent. Numbers are forever.
enum class Durability : std::uint8_t { memory = 1, disk = 2, replicated = 3 };
[[nodiscard]] std::string_view name(Durability durability);
[[nodiscard]] std::optional<Durability> durability_from_number(std::uint64_t number);
[[nodiscard]] std::optional<Durability> durability_from_name(std::string_view text);

// Which kind of slot a handler needs: one that computes, or one that mostly waits.
enum class SlotClass : std::uint8_t { cpu = 0, wait = 1 };
inline constexpr std::size_t slot_class_count = 2;
[[nodiscard]] std::string_view name(SlotClass slot_class);

// What a producer may ask for with a task. Zero means "the broker's default".
struct TaskOptions {
    Durability durability = Durability::disk;
    std::uint32_t max_attempts = 0;             // runs in all; default 5
    std::chrono::milliseconds time_limit{0};    // per attempt; default 10 min
    std::chrono::milliseconds backoff_base{0};  // before the second attempt; default 1 s
    std::chrono::milliseconds backoff_max{0};   // the longest wait; default 5 min
    bool notify = true;                         // send the result to the submitting session

    // When it may start: so long after it was accepted, or at a time (Unix milliseconds); 0: now.
    std::chrono::milliseconds delay{0};
    std::int64_t run_at = 0;
    // It expires if it has not started so long after it was accepted, or at a time; 0: never.
    std::chrono::milliseconds expires_in{0};
    std::int64_t expires_at = 0;

    friend bool operator==(const TaskOptions&, const TaskOptions&) = default;
};

// Where an attempt ran.
struct Site {
    std::string host;
    std::uint32_t pid = 0;
    std::uint32_t process = 0;  // number of the process on its host, from 0

    friend auto operator<=>(const Site&, const Site&) = default;
};

// The final word on a task.
struct TaskResult {
    TaskId id;
    TaskState state = TaskState::completed;
    DeadReason dead_reason = DeadReason::none;
    std::uint32_t attempts = 0;
    Site site;                         // of the last attempt; empty if it never ran
    std::uint32_t thread = 0;          // slot number inside the process, from 0
    std::chrono::microseconds run{0};  // how long the last attempt ran
    std::optional<Error> error;        // why it is not completed
    Body output;                       // empty unless completed

    friend bool operator==(const TaskResult&, const TaskResult&) = default;
};

// Names of types and queues: 1 to 128 characters of letters, digits, '.', '_', '-' and ':'.
inline constexpr std::size_t name_bytes_max = 128;
[[nodiscard]] bool is_valid_name(std::string_view text);

}  // namespace penstock
