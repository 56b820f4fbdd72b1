// All that can happen to the broker.
#pragma once

#include <variant>
#include <vector>

#include "broker/core/record.hpp"
#include "broker/core/task.hpp"
#include "common/protocol/message.hpp"

namespace penstock::broker {

// A message that a producer sent to the frontend.
struct FrontendMessage {
    SessionId session = no_session;
    protocol::Message message;
};
// A message that a worker or reporter sent to the backend.
struct BackendMessage {
    SessionId session = no_session;
    protocol::Message message;
};
// Something arrived that is no message; `error` says why.
struct BadMessage {
    SessionId session = no_session;
    Error error;
};
// The peer's connection is gone.
struct SessionLost {
    SessionId session = no_session;
};
// The journal has made everything up to `sequence` survive a crash.
struct BecameDurable {
    Sequence sequence = 0;
};

// The bodies that Effects::wanted_bodies asked for.
struct BodyRead {
    Sequence sequence = 0;
    TaskId id;
    Body body;
};
struct BodiesRead {
    std::vector<BodyRead> bodies;
};

// How the journal's disk fares, when that has changed.
struct DiskReport {
    bool nearly_full = false;   // what has been accepted can still be ended, no more be accepted
    bool reserve_used = false;  // ... and only what runs, as the last room is being written to
    std::uint64_t syncs = 0;   // of this life
    std::uint64_t bytes = 0;   // made safe by them

    friend bool operator==(const DiskReport&, const DiskReport&) = default;
};

using Event = std::variant<FrontendMessage, BackendMessage, BadMessage, SessionLost, BecameDurable,
                           DiskReport, BodiesRead>;

}  // namespace penstock::broker
