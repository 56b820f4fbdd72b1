#include "worker/shell/host_metrics.hpp"

#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"

namespace penstock::worker {
namespace {

bool shows(const telemetry::Metrics& metrics, const std::string& line) {
    return metrics.text().find(line + "\n") != std::string::npos;
}

TEST_CASE("the numbers tell processes, slots, memory and version") {
    const SlotPage page = SlotPage::create(2).value();
    telemetry::Metrics metrics;
    HostMetrics host(metrics, page, 5);
    page.process(0).pid = static_cast<std::uint32_t>(getpid());
    page.process(0).slots[1].start(lease(1));
    page.process(0).shm_bytes = 1000;
    page.process(0).shm_used_bytes = 300;
    host.update();
    REQUIRE(shows(metrics, "penstock_worker_processes 1"));
    REQUIRE(shows(metrics, "penstock_worker_slots{worker=\"0\"} 5"));
    REQUIRE(shows(metrics, "penstock_worker_slots{worker=\"1\"} 0"));
    REQUIRE(shows(metrics, "penstock_worker_slots_busy{worker=\"0\"} 1"));
    REQUIRE(shows(metrics, "penstock_worker_resident_memory_bytes{worker=\"1\"} 0"));
    REQUIRE_FALSE(shows(metrics, "penstock_worker_resident_memory_bytes{worker=\"0\"} 0"));
    REQUIRE(shows(metrics, "penstock_shm_bytes{state=\"used\",worker=\"0\"} 300"));
    REQUIRE(shows(metrics, "penstock_shm_bytes{state=\"free\",worker=\"0\"} 700"));
    REQUIRE(shows(metrics, "penstock_build_info{version=\"" PENSTOCK_VERSION "\"} 1"));
}

TEST_CASE("restarts are counted by reason, each once") {
    const SlotPage page = SlotPage::create(1).value();
    telemetry::Metrics metrics;
    HostMetrics host(metrics, page, 5);
    page.host().restarts[static_cast<std::size_t>(EndReason::out_of_memory)] = 2;
    host.update();
    host.update();
    REQUIRE(shows(metrics, "penstock_worker_restarts_total{reason=\"out_of_memory\"} 2"));
    REQUIRE(shows(metrics, "penstock_worker_restarts_total{reason=\"exited\"} 0"));
}

TEST_CASE("a process that does not run occupies no memory") {
    REQUIRE(resident_memory_bytes(static_cast<std::uint32_t>(getpid())) > 0);
    REQUIRE_FALSE(resident_memory_bytes(0x7FFFFFFF));
}

}  // namespace
}  // namespace penstock::worker
