// What all visits share.
#pragma once

#include "producer/gateway/core/limits.hpp"
#include "producer/gateway/http/application.hpp"
#include "producer/gateway/shell/body_memory.hpp"
#include "producer/gateway/shell/broker.hpp"
#include "producer/gateway/shell/folder.hpp"
#include "producer/gateway/shell/jobs.hpp"
#include "producer/gateway/shell/turnstile.hpp"

namespace penstock::gateway {

// Thread rule: set up by main(); each part has its own rule.
struct Workshop {
    const Limits& limits;
    const Folder& folder;
    Broker& broker;
    BodyMemory& bodies;
    Turnstile& uploads;  // those whose pictures or results are in memory or with the broker
    Turnstile& numbers;  // those whose numbers are with the broker
    Turnstile& fetches;  // those who fetch a result of an earlier task
    Jobs& submitting;    // one thread, for the client may hold it back
    Jobs& disk;
};

}  // namespace penstock::gateway
