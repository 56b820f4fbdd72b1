// The messages between the broker and its workers and reporters, JOIN to NOTED in the table of
// docs/PROTOCOL.md.
//
// The epoch of every lease in a message is the message's own: it is on the wire once.
//
// Thread rule: values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/task.hpp"
#include "common/protocol/memory_messages.hpp"

namespace penstock::protocol {

struct OfferedType {
    std::string type;
    SlotClass slot_class = SlotClass::cpu;
    friend bool operator==(const OfferedType&, const OfferedType&) = default;
};
struct Join {
    WorkerId worker;
    Site site;
    std::array<std::uint32_t, slot_class_count> slots{};
    std::vector<OfferedType> types;
    std::vector<std::string> queues;  // empty: all
    std::vector<std::string> labels;
    std::vector<Lease> held;  // all of one epoch
    std::optional<Memory> memory{};
    friend bool operator==(const Join&, const Join&) = default;
};
struct Assignment {
    Lease lease;
    Body body;
    friend bool operator==(const Assignment&, const Assignment&) = default;
};
struct DispatchGroup {
    std::string type;
    std::string queue;
    std::chrono::milliseconds time_limit{0};
    std::vector<Assignment> tasks;
    friend bool operator==(const DispatchGroup&, const DispatchGroup&) = default;
};
struct Dispatch {
    Epoch epoch;
    std::vector<DispatchGroup> groups;
    friend bool operator==(const Dispatch&, const Dispatch&) = default;
};
struct Outcome {
    Lease lease;
    std::uint32_t thread = 0;
    std::chrono::microseconds run{0};
    std::optional<Error> error;
    Body output;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};
struct OutcomeBatch {
    Epoch epoch;
    std::vector<Outcome> outcomes;
    friend bool operator==(const OutcomeBatch&, const OutcomeBatch&) = default;
};
struct Settled {
    Epoch epoch;
    std::vector<TaskId> ids;
    friend bool operator==(const Settled&, const Settled&) = default;
};
struct Recall {
    Epoch epoch;
    std::vector<Lease> leases;
    friend bool operator==(const Recall&, const Recall&) = default;
};
struct Returned {
    Epoch epoch;
    std::vector<Lease> leases;
    friend bool operator==(const Returned&, const Returned&) = default;
};
struct Stop {
    Epoch epoch;
    std::chrono::milliseconds grace{0};
    std::vector<Lease> leases;
    friend bool operator==(const Stop&, const Stop&) = default;
};
struct ProgressReport {
    Lease lease;
    std::uint32_t permille = 0;
    std::string note;
    friend bool operator==(const ProgressReport&, const ProgressReport&) = default;
};
struct Progress {
    Epoch epoch;
    std::vector<ProgressReport> reports;
    friend bool operator==(const Progress&, const Progress&) = default;
};
struct Drain {
    friend bool operator==(const Drain&, const Drain&) = default;
};

enum class DeathCause : std::uint8_t { exited = 1, signalled = 2, out_of_memory = 3 };
enum class Fate : std::uint8_t { running = 0, over_time_limit = 1, being_cancelled = 2 };
struct StartedLease {
    Lease lease;
    Fate fate = Fate::running;
    friend bool operator==(const StartedLease&, const StartedLease&) = default;
};
struct Obituary {
    std::uint64_t number = 0;
    WorkerId worker;
    DeathCause cause = DeathCause::exited;
    std::uint32_t code = 0;  // exit status or signal number
    std::uint64_t peak_memory_bytes = 0;
    std::chrono::microseconds cpu{0};  // that it has used, user and system
    std::string last_words;            // the end of what it wrote to stderr
    Epoch epoch;
    std::vector<StartedLease> started;
    friend bool operator==(const Obituary&, const Obituary&) = default;
};
struct Noted {
    std::uint64_t number = 0;
    friend bool operator==(const Noted&, const Noted&) = default;
};

}  // namespace penstock::protocol
