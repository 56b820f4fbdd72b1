// What a producer hands over, and the first thing that it gets back.
//
// Thread rule: values.
#pragma once

#include <string>
#include <tuple>

#include "common/model/bytes.hpp"
#include "common/model/ids.hpp"
#include "common/model/task.hpp"

namespace penstock::client {

// What all tasks of one call share. `options.notify` is set by the client, which knows whether
// somebody waits.
struct Submission {
    std::string type;
    std::string queue = "default";
    TaskOptions options{};

    friend bool operator==(const Submission&, const Submission&) = default;
    friend bool operator<(const Submission& a, const Submission& b) {
        const auto key = [](const Submission& s) {
            const TaskOptions& o = s.options;
            return std::tie(s.queue, s.type, o.durability, o.max_attempts, o.time_limit,
                            o.backoff_base, o.backoff_max, o.notify, o.delay, o.run_at,
                            o.expires_in, o.expires_at);
        };
        return key(a) < key(b);
    }
};

struct NewTask {
    TaskId id{};  // made by the producer (model/ids.hpp); sending it again is safe
    Body body{};
};

// The broker's promise: accepted, and this safe.
struct Receipt {
    Durability durability = Durability::memory;
    Epoch epoch;

    friend bool operator==(const Receipt&, const Receipt&) = default;
};

// The broker's word on sizes and times, from its WELCOME.
struct BrokerTerms {
    Epoch epoch;
    std::string version;
    std::chrono::milliseconds heartbeat{1000};
    std::chrono::milliseconds liveness{6000};
    std::size_t body_max_bytes = std::size_t{32} << 20U;
    std::size_t batch_max = 1024;
};

}  // namespace penstock::client
