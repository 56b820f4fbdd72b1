#include "broker/allocator.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "common/telemetry/log.hpp"

extern "C" {
// Read by jemalloc before main (jemalloc(3), "TUNING").
//
// Huge pages: a broker looks at one small thing after the other, all over its memory, and would
// wait for the tables that say where a page is. Nothing is given back by time: see MemoryKeeper.
extern const char* const malloc_conf;
const char* const malloc_conf = "thp:always,metadata_thp:auto,dirty_decay_ms:-1,muzzy_decay_ms:-1";

// jemalloc(3). Null where the program is not linked with it.
[[gnu::weak]] int mallctl(const char* name, void* old, std::size_t* old_size, void* fresh,
                          std::size_t fresh_size);
}

namespace penstock::broker {
namespace {

constexpr std::chrono::seconds look_interval{5};
// Free memory that is worth no look at how much is in use.
constexpr std::size_t kept_min_bytes = std::size_t{64} << 20U;

// 0 if jemalloc does not say.
std::size_t figure(const char* name) {
    std::size_t value = 0;
    std::size_t size = sizeof value;
    return mallctl(name, &value, &size, nullptr, 0) == 0 ? value : 0;
}

void give_back_what_is_too_much() {
    // All arenas together are the arena 4096 (MALLCTL_ARENAS_ALL), and this brings its figures up
    // to date.
    std::uint64_t epoch = 1;
    static_cast<void>(mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch));
    const std::size_t page_bytes = figure("arenas.page");
    const std::size_t used_bytes = figure("stats.arenas.4096.pactive") * page_bytes;
    const std::size_t free_bytes = figure("stats.arenas.4096.pdirty") * page_bytes;
    if (free_bytes <= std::max(used_bytes, kept_min_bytes)) {
        return;
    }
    static_cast<void>(mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0));
    telemetry::debug("gave memory back mib={}", free_bytes >> 20U);
}

void keep_memory(const std::stop_token& stop) {
    std::mutex nobody_else;
    std::condition_variable_any never;
    std::unique_lock lock(nobody_else);
    while (!never.wait_for(lock, stop, look_interval, [&] { return stop.stop_requested(); })) {
        give_back_what_is_too_much();
    }
}

}  // namespace

MemoryKeeper::MemoryKeeper() {
    if (mallctl != nullptr) {
        thread_ = std::jthread(keep_memory);
    }
}

}  // namespace penstock::broker
