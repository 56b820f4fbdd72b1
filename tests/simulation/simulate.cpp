// penstock-simulate: reads its command line and runs seeds.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "common/telemetry/log.hpp"
#include "tests/simulation/runner.hpp"

namespace penstock::simulation {
namespace {

int run(int argc, char** argv) {
    CLI::App app{
        "Runs the real cores and the real journal in a world made of chance, and checks that they "
        "keep their promises (docs/SIMULATION.md).",
        "penstock-simulate"};
    RunOptions options;
    std::optional<std::uint64_t> seed;
    bool until_failure = false;
    bool list = false;
    bool suite = false;
    app.add_option("--seed", seed, "run this seed only");
    app.add_flag("--trace", options.trace, "print every step");
    app.add_option("--from", options.first_seed, "the first seed (default: 1)");
    app.add_option("--seeds", options.seeds, "run so many seeds (default: 100)");
    app.add_option("--steps", options.steps, "run seeds until there were so many steps");
    app.add_option("--seconds", options.seconds, "run seeds for so long");
    app.add_flag("--until-failure", until_failure, "run seeds until one breaks a promise");
    app.add_flag("--suite", suite,
                 "run 10 million steps, or 100,000 seeds if PENSTOCK_TEST_LONG is set");
    app.add_flag("--quiet", options.quiet, "print no progress");
    app.add_flag("--invariants", list, "list what is checked, and run nothing");
    CLI11_PARSE(app, argc, argv);
    if (list) {
        print_invariants();
        return 0;
    }
    if (suite && std::getenv("PENSTOCK_TEST_LONG") != nullptr) {
        options.seeds = 100'000;
    } else if (suite) {
        options.steps = 10'000'000;
    } else if (seed) {
        options.first_seed = *seed;
        options.seeds = 1;
    } else if (!options.seeds && !options.steps && !options.seconds && !until_failure) {
        options.seeds = 100;
    }
    telemetry::start_log("penstock-simulate", telemetry::Level::error);
    return run_seeds(options) ? 0 : 1;
}

}  // namespace
}  // namespace penstock::simulation

int main(int argc, char** argv) {
    return penstock::simulation::run(argc, argv);
}
