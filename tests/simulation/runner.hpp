// Runs seed after seed, until there have been enough or one breaks a promise.
//
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <optional>

namespace penstock::simulation {

struct RunOptions {
    std::uint64_t first_seed = 1;
    // Whichever comes first; nothing: no such end.
    std::optional<std::uint64_t> seeds;
    std::optional<std::uint64_t> steps;
    std::optional<double> seconds;
    bool trace = false;
    bool quiet = false;  // no line per seed that is begun, and none for progress
};

// Prints what is run, what broke, and how fast it was. True if nothing broke.
[[nodiscard]] bool run_seeds(const RunOptions& options);
// The table of what is checked, and what of it cannot be yet.
void print_invariants();

}  // namespace penstock::simulation
