// Whether the clocks of this machine can be believed.
//
// Thread rule: free functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/model/time.hpp"
#include "producer/cli/doctor/finding.hpp"

namespace penstock::cli::doctor {

// Ids, epochs and deadlines that people name are made of the time of day.
[[nodiscard]] Finding judge_time(std::int64_t unix_ms);
// Between the two readings both clocks should have gone equally far.
[[nodiscard]] Finding judge_pace(const Instant& before, const Instant& after);

// What the kernel knows of whoever keeps its clock right.
struct Keeping {
    bool is_kept = false;
    std::chrono::microseconds error_max{0};
};
// Nothing if it does not tell.
[[nodiscard]] std::optional<Keeping> read_keeping();
[[nodiscard]] Finding judge_keeping(const std::optional<Keeping>& keeping);

// The broker says when it started, by its own clock: that cannot be to come.
[[nodiscard]] Finding judge_broker_clock(std::int64_t started_at, std::int64_t unix_ms);

}  // namespace penstock::cli::doctor
