// memory and latency.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "bench/system/workloads.hpp"

namespace penstock::bench {
namespace {

// What the limit carries in one message where tasks are submitted in bulk.
constexpr std::size_t packed_max = 128;

std::vector<double> rates(const std::vector<Measured>& rounds) {
    return figures(rounds, [](const Measured& measured) { return measured.per_second(); });
}

std::vector<double> medians(const std::vector<Measured>& rounds) {
    return figures(rounds, [](const Measured& measured) { return median(measured.latencies_us); });
}

}  // namespace

Latency latency_of(const std::vector<Measured>& rounds) {
    std::vector<double> all;
    for (const Measured& measured : rounds) {
        all.insert(all.end(), measured.latencies_us.begin(), measured.latencies_us.end());
    }
    constexpr double one_in_a_hundred = 0.99;
    return {median(all), quantile(all, one_in_a_hundred)};
}

Result<void> age_broker(PenstockSide& penstock, Turns& turns, std::uint64_t tasks) {
    constexpr std::size_t window = 1000;
    const Load load{window, bulk_size(window), std::chrono::milliseconds(500)};
    for (std::uint64_t finished = 0; finished < tasks;) {
        const std::string label = "ageing the broker, " + std::to_string(finished) + " of " +
                                  std::to_string(tasks) + " finished tasks";
        static_cast<void>(std::fprintf(stderr, "penstock-bench: %s\n", label.c_str()));
        const Result<Measured> run = turns.once(label, [&] { return penstock.echo(load); });
        if (!run) {
            return tl::unexpected(run.error());
        }
        finished += run->answers;
    }
    return {};
}

std::size_t bulk_size(std::size_t window) {
    constexpr std::size_t calls = 4;
    constexpr std::size_t largest = 1000;
    return std::clamp(window / calls, std::size_t{1}, largest);
}

Result<std::vector<MemoryRow>> run_memory(PenstockSide& penstock, ProxySide& proxy, Turns& turns,
                                          const std::vector<std::size_t>& windows,
                                          Duration duration) {
    std::vector<MemoryRow> rows;
    for (const std::size_t window : windows) {
        const Load single{window, 1, duration};
        const Load bulk{window, bulk_size(window), duration};
        const std::size_t packed = std::min(packed_max, bulk.per_call);
        std::vector<Side> sides{[&] { return proxy.echo(single, 1); },
                                [&] { return penstock.echo(single); }};
        if (bulk.per_call > 1) {
            sides.emplace_back([&] { return penstock.echo(bulk); });
            sides.emplace_back([&] { return proxy.echo(bulk, packed); });
        }
        const Result<Rounds> rounds = turns.run("memory, window " + std::to_string(window), sides);
        if (!rounds) {
            return tl::unexpected(rounds.error());
        }
        const std::vector<double> limit = rates(rounds->at(0));
        rows.push_back({window, 1, compare(rates(rounds->at(1)), limit), 1, {}});
        if (bulk.per_call > 1) {
            const std::vector<double> in_bulk = rates(rounds->at(2));
            rows.push_back({window, bulk.per_call, compare(in_bulk, limit), packed,
                            compare(in_bulk, rates(rounds->at(3)))});
        }
    }
    return rows;
}

Result<std::vector<LatencyRow>> run_latency(PenstockSide& penstock, ProxySide& proxy, Turns& turns,
                                            Duration duration) {
    const Load one{1, 1, duration, 0, Load::Measure::ends};
    const Result<Rounds> rounds = turns.run(
        "latency", {[&] { return proxy.round_trips(duration); }, [&] { return penstock.echo(one); },
                    [&] { return penstock.round_trips(duration); }});
    if (!rounds) {
        return tl::unexpected(rounds.error());
    }
    const std::vector<Measured>& limit = rounds->at(0);
    const auto row = [&](bool has_future, const std::vector<Measured>& ours) {
        return LatencyRow{has_future, latency_of(ours), latency_of(limit),
                          compare(medians(ours), medians(limit))};
    };
    return std::vector<LatencyRow>{row(false, rounds->at(1)), row(true, rounds->at(2))};
}

}  // namespace penstock::bench
