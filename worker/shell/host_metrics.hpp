// The worker's numbers for Prometheus, read from the slot page and from /proc.
//
// Thread rule: used by the reporter's thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/telemetry/metrics.hpp"
#include "worker/shell/slot_page.hpp"

namespace penstock::worker {

class HostMetrics {
  public:
    // Requires: `metrics` and `page` outlive this. `slots` are those of one process.
    HostMetrics(telemetry::Metrics& metrics, const SlotPage& page, unsigned slots);

    // Sets everything to what is true now.
    void update();

  private:
    struct Process {
        telemetry::Gauge slots;
        telemetry::Gauge slots_busy;
        telemetry::Gauge resident_memory;
        telemetry::Gauge shm_used;
        telemetry::Gauge shm_free;
    };

    const SlotPage& page_;
    unsigned slots_;
    telemetry::Gauge processes_;
    std::vector<Process> each_;
    std::vector<telemetry::Counter> restarts_;               // by EndReason
    std::array<std::uint64_t, end_reason_count> counted_{};  // what restarts_ show
};

// The memory that a process occupies, from /proc/PID/statm; nothing if it does not run.
[[nodiscard]] std::optional<std::uint64_t> resident_memory_bytes(std::uint32_t pid);

}  // namespace penstock::worker
