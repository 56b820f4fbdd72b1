// Leases and work for the tests of the worker's core.
#pragma once

#include <string>

#include "common/model/ids.hpp"
#include "worker/core/effect.hpp"
#include "worker/core/outcome_box.hpp"

namespace penstock::worker {

inline constexpr BatchLimits wire_limits{1'024, 64 << 10, 256 << 10, 64 << 20};

inline Lease lease(std::uint8_t number, std::uint64_t epoch = 1) {
    Lease made;
    made.task.bytes[15] = number;
    made.epoch = {epoch};
    made.attempt = 1;
    made.nonce = 1000 + number;
    return made;
}

inline Work work(std::uint8_t number,
                 std::chrono::milliseconds time_limit = std::chrono::milliseconds(0)) {
    return {lease(number), "math.double", time_limit, {}};
}

}  // namespace penstock::worker
