// All that can happen to the broker.
#pragma once

#include <variant>

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

using Event = std::variant<FrontendMessage, BackendMessage, BadMessage, SessionLost, BecameDurable>;

}  // namespace penstock::broker
