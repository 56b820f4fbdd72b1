#include <array>
#include <atomic>
#include <cstdint>
#include <pthread.h>
#include <random>

#include "common/model/assert.hpp"
#include "common/model/time.hpp"
#include "producer/client/client.hpp"

namespace penstock::client {
namespace {

// How many forks lie between the first process and this one. Children made without fork(3), by
// clone(2) itself, are not counted.
std::atomic<std::uint64_t> forks{0};
const int counts_forks = ::pthread_atfork(nullptr, nullptr, [] { ++forks; });

std::mt19937_64 seeded_generator() {
    PENSTOCK_ASSERT(counts_forks == 0);
    std::random_device device;
    std::array<std::uint32_t, 16> words{};
    for (std::uint32_t& word : words) {
        word = device();
    }
    std::seed_seq seed(words.begin(), words.end());
    return std::mt19937_64(seed);
}

}  // namespace

TaskId new_task_id() {
    thread_local std::uint64_t seeded_at = forks;
    thread_local std::mt19937_64 generator = seeded_generator();
    // A forked child would otherwise repeat its parent's ids.
    if (const std::uint64_t now = forks; seeded_at != now) {
        seeded_at = now;
        generator = seeded_generator();
    }
    return make_task_id(Instant::read().unix_ms, generator(), generator());
}

}  // namespace penstock::client
