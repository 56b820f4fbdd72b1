#include "tests/simulation/runner.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <unistd.h>

#include "tests/simulation/world.hpp"

namespace penstock::simulation {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Every so many seeds one is run twice, to see that it does the same.
constexpr std::uint64_t twice_every = 50;
constexpr std::uint64_t progress_every = 1'000;

// What is running, for the last words of a process that a broken invariant of the code ends.
std::uint64_t current_seed = 0;
const World* current_world = nullptr;

extern "C" void tell_the_seed(int signal) {
    std::array<char, 160> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "seed %llu, step %llu: the code broke an invariant of its own\n",
        static_cast<unsigned long long>(current_seed),
        static_cast<unsigned long long>(current_world == nullptr ? 0 : current_world->steps()));
    static_cast<void>(::write(STDOUT_FILENO, text.data(), static_cast<std::size_t>(length)));
    std::signal(signal, SIG_DFL);
    static_cast<void>(std::raise(signal));
}

struct Tally {
    std::uint64_t seeds = 0;
    std::uint64_t steps = 0;
    SteadyClock::time_point began = SteadyClock::now();

    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(SteadyClock::now() - began).count();
    }
    [[nodiscard]] bool is_enough(const RunOptions& options) const {
        return (options.seeds && seeds >= *options.seeds) ||
               (options.steps && steps >= *options.steps) ||
               (options.seconds && seconds() >= *options.seconds);
    }
    void print(const char* what) const {
        std::printf("%s: %llu seeds, %llu steps in %.1f s: %.0f steps/s, %.0f steps a seed\n", what,
                    static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(steps),
                    seconds(), static_cast<double>(steps) / seconds(),
                    static_cast<double>(steps) / static_cast<double>(seeds == 0 ? 1 : seeds));
        static_cast<void>(std::fflush(stdout));
    }
};

void tell(std::uint64_t seed, const World& world, const std::string& what) {
    std::printf("seed %llu, step %llu: %s\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(world.steps()), what.c_str());
}

// Whether the seed was clean.
bool run_seed(std::uint64_t seed, bool trace, bool twice, Tally& tally) {
    World world(seed, trace);
    current_seed = seed;
    current_world = &world;
    world.run();
    ++tally.seeds;
    tally.steps += world.steps();
    if (!world.verdict().is_clean()) {
        for (const std::string& violation : world.verdict().violations()) {
            tell(seed, world, violation);
        }
        return false;
    }
    if (twice) {
        World again(seed, false);
        again.run();
        if (again.trace_digest() != world.trace_digest()) {
            tell(seed, world, name(Invariant::same_seed_same_trace) + ": it did something else");
            return false;
        }
    }
    return true;
}

}  // namespace

bool run_seeds(const RunOptions& options) {
    std::signal(SIGABRT, tell_the_seed);
    std::printf("seed %llu\n", static_cast<unsigned long long>(options.first_seed));
    static_cast<void>(std::fflush(stdout));
    Tally tally;
    for (std::uint64_t seed = options.first_seed; !tally.is_enough(options); ++seed) {
        if (!run_seed(seed, options.trace, seed % twice_every == 0, tally)) {
            std::printf("again: penstock-simulate --seed %llu --trace\n",
                        static_cast<unsigned long long>(seed));
            tally.print("broken");
            return false;
        }
        if (!options.quiet && tally.seeds % progress_every == 0) {
            tally.print("so far");
        }
    }
    tally.print("clean");
    return true;
}

void print_invariants() {
    for (const InvariantInfo& info : invariants()) {
        std::printf("%-30s %s\n", name(info.invariant).c_str(), info.rule);
        if (info.not_applicable != nullptr) {
            std::printf("%-30s not applicable: %s\n", "", info.not_applicable);
        }
    }
}

}  // namespace penstock::simulation
