#include "producer/cli/doctor/clock.hpp"

#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/timex.h>

#include "producer/cli/table.hpp"

namespace penstock::cli::doctor {
namespace {

using std::chrono::milliseconds;

// This Penstock is from 2026; a clock before that has not been set, one after 2100 wrongly.
constexpr std::int64_t earliest_ms = 1'767'225'600'000;
constexpr std::int64_t latest_ms = 4'102'444'800'000;
// A second of the doctor's work, and a time service that slews at most 0.05 % of it.
constexpr milliseconds pace_max{50};
// What one sees of another machine's clock is late by the way.
constexpr milliseconds broker_ahead_max{1'000};

}  // namespace

Finding judge_time(std::int64_t unix_ms) {
    const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
    Finding finding{"time of day", Verdict::ok,
                    fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(seconds))};
    if (unix_ms < earliest_ms || unix_ms > latest_ms) {
        finding.verdict = Verdict::fail;
        finding.advice =
            "ids, epochs and times of tasks are made of it: set the clock, and run a time service";
    }
    return finding;
}

Finding judge_pace(const Instant& before, const Instant& after) {
    const auto steady = std::chrono::duration_cast<milliseconds>(after.steady - before.steady);
    const milliseconds wall(after.unix_ms - before.unix_ms);
    const milliseconds apart = wall - steady;
    Finding finding{
        "clock steps", Verdict::ok,
        fmt::format("none within {}", duration_words(static_cast<double>(steady.count())))};
    if (std::chrono::abs(apart) > pace_max) {
        finding.verdict = Verdict::warn;
        finding.found = fmt::format("the time of day was set by {:+} ms meanwhile", apart.count());
        finding.advice = "let a time service slew the clock instead of setting it";
    }
    return finding;
}

std::optional<Keeping> read_keeping() {
    timex kernel{};  // without modes it only reads
    const int state = ::adjtimex(&kernel);
    if (state < 0) {
        return std::nullopt;
    }
    return Keeping{state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0,
                   std::chrono::microseconds(kernel.maxerror)};
}

Finding judge_keeping(const std::optional<Keeping>& keeping) {
    if (!keeping) {
        return {"time service", Verdict::skipped, "the kernel does not tell"};
    }
    if (!keeping->is_kept) {
        return {"time service", Verdict::warn, "none keeps this clock, says the kernel",
                "run chrony or systemd-timesyncd, here or on the host"};
    }
    return {"time service", Verdict::ok,
            fmt::format("within {} of the truth, says the kernel",
                        duration_words(static_cast<double>(keeping->error_max.count()) / 1000))};
}

Finding judge_broker_clock(std::int64_t started_at, std::int64_t unix_ms) {
    const milliseconds ahead(started_at - unix_ms);
    if (ahead > broker_ahead_max) {
        return {"broker's clock", Verdict::warn,
                fmt::format("at least {} ahead of this one",
                            duration_words(static_cast<double>(ahead.count()))),
                "run a time service on both machines"};
    }
    return {"broker's clock", Verdict::ok, "not seen to be ahead of this one"};
}

}  // namespace penstock::cli::doctor
