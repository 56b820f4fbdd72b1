#include "bench/system/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace penstock::bench {
namespace {

constexpr const char* examples = R"(
# a first impression, in seconds
$ penstock-bench memory --windows 100 --pairs 2 --finished 1000
# for programs
$ penstock-bench latency --pairs 2 --seconds 0.2 --finished 1000 --json
…
{…}
)";
constexpr const char* remarks =
    "Without arguments it runs all workloads, in about five minutes. Each pair is one run of\n"
    "Penstock and one of its limit, in turns; the ratio is Penstock's figure divided by the\n"
    "limit's. Progress goes to stderr. Exit codes: 0 every answer was right, 1 an answer was "
    "wrong\n"
    "or missing, 2 usage.";

constexpr std::size_t window_max = 100'000;
constexpr std::size_t pairs_max = 1000;
constexpr std::uint64_t depth_max = 100'000'000;
constexpr double seconds_min = 0.01;
constexpr double seconds_max = 600;

// A NaN is neither below a range nor above it, so CLI::Range lets it pass.
std::string refuse_nan(std::string& text) {
    return std::isnan(std::strtod(text.c_str(), nullptr)) ? text + " is not a number" : "";
}

}  // namespace

std::optional<Options> read_options(int argc, const char* const* argv, process::ExitCode& exit) {
    CLI::App app{
        "Measures Penstock beside the bare limit of the same machine, and checks every "
        "answer.",
        "penstock-bench"};
    Options options;
    process::apply_conventions(app, "bench", {examples, remarks});
    app.add_option("WORKLOAD", options.workloads,
                   "memory, latency, disk, backlog, scale, payload, image")
        ->check(
            CLI::IsMember({"memory", "latency", "disk", "backlog", "scale", "payload", "image"}))
        ->capture_default_str();
    app.add_option("--windows", options.windows, "memory, disk: tasks on their way at once")
        ->delimiter(',')
        ->check(CLI::Range(std::size_t{1}, window_max))
        ->capture_default_str();
    app.add_option("--depths", options.depths, "backlog: tasks that wait; ascending")
        ->delimiter(',')
        ->check(CLI::Range(std::uint64_t{200}, depth_max))
        ->capture_default_str();
    app.add_option("--pairs", options.pairs, "runs of each side; 10 or more for a claim")
        ->check(CLI::Range(std::size_t{1}, pairs_max))
        ->capture_default_str();
    app.add_option("--seconds", options.seconds,
                   "length of one run (image: twice that; of disk only what is in bulk, the rest "
                   "at most 10)")
        ->check(CLI::Range(seconds_min, seconds_max))
        ->check(CLI::Validator(refuse_nan, ""))
        ->capture_default_str();
    app.add_option(
           "--finished", options.finished,
           "memory, latency, disk: tasks that the broker has finished before, as one in use has")
        ->capture_default_str();
    app.add_option("--photos", options.photos, "image: a folder with JPEG files")
        ->default_str("photos/ of the source tree");
    app.add_flag("--json", options.json, "one JSON object instead of tables");
    if (const auto leave = process::parse(app, argc, argv)) {
        exit = *leave;
        return std::nullopt;
    }
    return options;
}

bool wants(const Options& options, const std::string& workload) {
    return std::ranges::find(options.workloads, workload) != options.workloads.end();
}

}  // namespace penstock::bench
