// The closed list of what can go wrong, as numbers that travel and names that people see.
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// These numbers are on the wire and in journals: never change or reuse one.
enum class ErrorCode : std::uint8_t {
    malformed = 1,          // bytes or text that do not follow the format
    version = 2,            // a protocol version that this side does not speak
    no_session = 3,         // a message before hello, or after the session ended
    too_large = 4,          // over a size limit
    busy = 5,               // a queue is full; try again after the time given
    durability = 6,         // the asked durability cannot be had here
    not_found = 7,          // no such task, or it has been forgotten
    conflict = 8,           // not possible in the task's present state
    rejected = 9,           // the handler refused the input; trying again is useless
    failed = 10,            // the handler failed; another attempt may succeed
    crashed = 11,           // the process died while the task ran in it
    time_limit = 12,        // the attempt ran longer than its time limit
    lost = 13,              // contact with the worker was lost
    cancelled = 14,         // somebody asked for it
    no_handler = 15,        // no worker knows this type
    result_expired = 16,    // the task is finished, its result is no longer kept
    broker_restarted = 17,  // a task held in memory was lost with the broker
    unavailable = 18,       // the other side cannot be reached
    timed_out = 19,         // the caller's own wait ended first
    unsupported = 20,       // a feature that this side does not have
    stale = 21,             // the lease is no longer held
    internal = 22,          // a fault of Penstock's own
    insecure = 23,          // refused because the endpoint is open to others
    disk_full = 24,         // no room for it on the broker's disk
    expired = 25,           // its time was over before it started
};

// The stable name of a code, such as "time_limit".
[[nodiscard]] std::string_view name(ErrorCode code);
// The code with that number, or nothing.
[[nodiscard]] std::optional<ErrorCode> error_code_from_number(std::uint64_t number);

// What went wrong: a code for programs and a sentence for people that says what to do.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace penstock
