#include "worker/shell/host_metrics.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <unistd.h>

#include "common/process/host_files.hpp"

namespace penstock::worker {

std::optional<std::uint64_t> resident_memory_bytes(std::uint32_t pid) {
    const auto text = process::read_host_file("/proc/" + std::to_string(pid) + "/statm");
    std::istringstream fields(text.value_or(""));
    std::uint64_t size_pages = 0;
    std::uint64_t resident_pages = 0;
    if (!(fields >> size_pages >> resident_pages)) {
        return std::nullopt;
    }
    return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

HostMetrics::HostMetrics(telemetry::Metrics& metrics, const SlotPage& page, unsigned slots)
    : page_(page),
      slots_(slots),
      processes_(metrics.gauge("penstock_worker_processes", "Worker processes that run")) {
    for (std::size_t number = 0; number < page.processes(); ++number) {
        const telemetry::Labels labels{{"worker", std::to_string(number)}};
        const auto shm_gauge = [&](const char* state) {
            return metrics.gauge("penstock_shm_bytes",
                                 "Shared memory that the process sends large results in",
                                 {{"worker", std::to_string(number)}, {"state", state}});
        };
        each_.push_back(
            {metrics.gauge("penstock_worker_slots", "Tasks that the process can run at a time",
                           labels),
             metrics.gauge("penstock_worker_slots_busy", "Tasks that the process runs now", labels),
             metrics.gauge("penstock_worker_resident_memory_bytes",
                           "Memory that the process occupies", labels),
             shm_gauge("used"), shm_gauge("free")});
    }
    for (std::size_t reason = 0; reason < end_reason_count; ++reason) {
        restarts_.push_back(metrics.counter("penstock_worker_restarts_total",
                                            "Worker processes started again after they died",
                                            {{"reason", name(static_cast<EndReason>(reason))}}));
    }
    metrics
        .gauge("penstock_build_info", "Always 1; the label tells the version",
               {{"version", PENSTOCK_VERSION}})
        .set(1);
}

void HostMetrics::update() {
    std::size_t alive = 0;
    for (std::size_t number = 0; number < page_.processes(); ++number) {
        const ProcessMark& mark = page_.process(number);
        const std::uint32_t pid = mark.pid.load();
        const auto busy = std::count_if(mark.slots.begin(), mark.slots.end(),
                                        [](const SlotMark& slot) { return slot.busy(); });
        alive += pid == 0 ? 0 : 1;
        each_[number].slots.set(pid == 0 ? 0 : slots_);
        each_[number].slots_busy.set(static_cast<double>(busy));
        const auto resident = pid == 0 ? std::nullopt : resident_memory_bytes(pid);
        each_[number].resident_memory.set(static_cast<double>(resident.value_or(0)));
        const std::uint64_t shm_used = mark.shm_used_bytes.load();
        each_[number].shm_used.set(static_cast<double>(shm_used));
        each_[number].shm_free.set(
            static_cast<double>(std::max(mark.shm_bytes.load(), shm_used) - shm_used));
    }
    processes_.set(static_cast<double>(alive));
    for (std::size_t reason = 0; reason < end_reason_count; ++reason) {
        const std::uint64_t total = page_.host().restarts[reason].load();
        restarts_[reason].add(static_cast<double>(total - counted_[reason]));
        counted_[reason] = total;
    }
}

}  // namespace penstock::worker
