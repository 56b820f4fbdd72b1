// penstock-bench: how close is Penstock to what this machine can do?
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "bench/system/options.hpp"
#include "bench/system/report.hpp"
#include "bench/system/roles.hpp"
#include "bench/system/workloads.hpp"
#include "common/process/shutdown.hpp"
#include "common/telemetry/log.hpp"

namespace penstock::bench {
namespace {

using process::ExitCode;

// Both sides of the messages; Penstock's is that of the images, too.
struct Sides {
    std::unique_ptr<PenstockSide> penstock;  // in memory
    std::unique_ptr<ProxySide> proxy;
};

Result<Sides> start_sides(const Folder& folder) {
    Result<std::unique_ptr<PenstockSide>> penstock =
        PenstockSide::start(folder, Durability::memory);
    if (!penstock) {
        return tl::unexpected(penstock.error());
    }
    Result<std::unique_ptr<ProxySide>> proxy = ProxySide::start(folder);
    if (!proxy) {
        return tl::unexpected(proxy.error());
    }
    return Sides{std::move(*penstock), std::move(*proxy)};
}

// Keeps the rows, or tells why there are none.
template <typename Rows>
Result<void> keep(std::optional<Rows>& place, Result<Rows> rows) {
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    place = std::move(*rows);
    return {};
}

// A broker with a disk, beside the other one.
Result<void> run_disk_workload(Report& report, Sides& sides, const Folder& folder, Turns& turns,
                               Duration duration) {
    const auto disk = PenstockSide::start(folder, Durability::disk);
    if (!disk) {
        return tl::unexpected(disk.error());
    }
    return age_broker(**disk, turns, report.options.finished)
        .and_then([&] {
            return keep(report.disk,
                        run_disk(**disk, folder, turns, report.options.windows, duration));
        })
        .and_then([&] {
            return keep(report.disk_wait,
                        run_disk_wait(**disk, *sides.penstock, folder, turns, duration));
        });
}

// A broker with a disk for the second half.
Result<void> run_image_workload(Report& report, Sides& sides, const Folder& folder, Turns& turns,
                                Duration duration) {
    const std::string& photos = report.options.photos;
    if (auto done = keep(report.image, run_image(*sides.penstock, folder, turns, photos, duration));
        !done) {
        return done;
    }
    const auto disk = PenstockSide::start(folder, Durability::disk);
    if (!disk) {
        return tl::unexpected(disk.error());
    }
    return keep(report.image_wait,
                run_image_wait(**disk, *sides.penstock, turns, photos, duration));
}

Result<void> run_workloads(Report& report, process::SignalQueue& signals) {
    const Options& options = report.options;
    const auto duration =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds));
    const Result<Folder> folder = Folder::create();
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    Result<Sides> sides = start_sides(*folder);
    if (!sides) {
        return tl::unexpected(sides.error());
    }
    Turns turns(options.pairs, signals);
    Result<void> done;
    if (wants(options, "memory") || wants(options, "latency")) {
        done = age_broker(*sides->penstock, turns, options.finished);
    }
    if (done && wants(options, "memory")) {
        done = keep(report.memory,
                    run_memory(*sides->penstock, *sides->proxy, turns, options.windows, duration));
    }
    if (done && wants(options, "latency")) {
        done = keep(report.latency, run_latency(*sides->penstock, *sides->proxy, turns, duration));
    }
    if (done && wants(options, "disk")) {
        done = run_disk_workload(report, *sides, *folder, turns, duration);
    }
    if (done && wants(options, "backlog")) {
        done = keep(report.backlog, run_backlog(*folder, turns, options.depths));
    }
    if (done && wants(options, "scale")) {
        done = keep(report.scale, run_scale(turns, duration));
    }
    if (done && wants(options, "payload")) {
        done = keep(report.payload,
                    run_payload(*sides->penstock, turns, options.payload_bytes, duration));
    }
    if (done && wants(options, "image")) {
        done = run_image_workload(report, *sides, *folder, turns, duration);
    }
    report.tally = turns.tally();
    return done;
}

int run(int argc, const char* const* argv) {
    ExitCode exit = ExitCode::ok;
    const std::optional<Options> options = read_options(argc, argv, exit);
    if (!options) {
        return static_cast<int>(exit);
    }
    telemetry::start_log("penstock-bench", telemetry::Level::error);
    process::SignalQueue signals;
    // Before any thread is there: the worker inherits it, for its type test.echo.
    ::setenv("PENSTOCK_TEST_HANDLERS", "1", 1);  // NOLINT(concurrency-mt-unsafe)
    Report report;
    report.options = *options;
    report.machine = this_machine();
    if (const Result<void> done = run_workloads(report, signals); !done) {
        static_cast<void>(
            std::fprintf(stderr, "penstock-bench: %s\n", done.error().message.c_str()));
        return static_cast<int>(ExitCode::error);
    }
    const std::string text =
        options->json ? json_from_value(to_json(report)) + "\n" : to_text(report);
    static_cast<void>(std::fputs(text.c_str(), stdout));
    return static_cast<int>(report.tally.faults == 0 ? ExitCode::ok : ExitCode::error);
}

}  // namespace
}  // namespace penstock::bench

// The named door at which exceptions of libraries stop.
int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        if (arguments.size() >= 2 && arguments[0] == "--role") {
            return penstock::bench::run_role(arguments[1],
                                             {arguments.begin() + 2, arguments.end()});
        }
        return penstock::bench::run(argc, argv);
    } catch (const std::exception& failure) {
        static_cast<void>(std::fprintf(stderr, "penstock-bench: %s\n", failure.what()));
        return static_cast<int>(penstock::process::ExitCode::error);
    }
}
