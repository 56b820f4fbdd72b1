#include <array>
#include <random>
#include <sys/types.h>
#include <unistd.h>

#include "common/model/time.hpp"
#include "producer/client/client.hpp"

namespace penstock::client {
namespace {

std::mt19937_64 seeded_generator() {
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
    thread_local pid_t owner = ::getpid();
    thread_local std::mt19937_64 generator = seeded_generator();
    // A forked child would otherwise repeat its parent's ids.
    if (owner != ::getpid()) {
        owner = ::getpid();
        generator = seeded_generator();
    }
    return make_task_id(Instant::read().unix_ms, generator(), generator());
}

}  // namespace penstock::client
