#include "tests/simulation/plan.hpp"

namespace penstock::simulation {
namespace {

using std::chrono::milliseconds;

constexpr std::array<const char*, fault_count> names{
    "broker_killed",   "power_cut",       "killed_recovering",
    "sync_fails",      "disk_full",       "disk_slow",
    "process_killed",  "host_lost",       "reporter_killed",
    "producer_killed", "paused",          "cut",
    "half_open",       "delivered_twice", "partition",
    "network_slow",    "reader_too_slow", "wall_clock_set",
    "clocks_drift",    "drained",         "stranger"};

// Small limits, so that a short life reaches them.
broker::Settings draw_settings(Chance& chance) {
    broker::Settings settings;
    settings.durability = Durability::disk;
    settings.queue_tasks_max = 40 + chance.below(200);
    settings.queue_bytes_max = chance.percent(30) ? 20'000 : 1U << 24U;
    settings.tasks_max = chance.percent(20) ? 90 : 10'000'000;
    settings.bytes_max = chance.percent(20) ? 30'000 : 1U << 30U;
    settings.bodies_here_bytes_max =
        std::array<std::uint64_t, 4>{0, chance.below(3'000), 1U << 28U, 1U << 28U}[chance.below(4)];
    settings.batch_max = 1 + chance.below(20);
    settings.waiting_leases_max = static_cast<std::uint32_t>(chance.below(30));
    settings.results_bytes_max = chance.percent(20) ? 2'000 : 1U << 24U;
    settings.query_scan_max = chance.percent(30) ? 100 : 100'000;
    settings.backoff_base = milliseconds(10 + chance.below(500));
    settings.backoff_max = milliseconds(2'000);
    settings.max_attempts = 2 + static_cast<std::uint32_t>(chance.below(3));
    settings.time_limit = milliseconds(500 + chance.below(5'000));
    settings.stop_grace = milliseconds(100 + chance.below(2'000));
    settings.busy_retry_after = milliseconds(50 + chance.below(500));
    settings.journal_slack_bytes = chance.below(8) << 12U;
    // Wall clocks are set again and again, until they are apart by more than an hour.
    settings.dedup_ahead_max = std::chrono::hours(24);
    return settings;
}

// Those without a date are remembered for a life, as the same id may never run again then.
void draw_memory_of_ids(Plan& plan, Chance& chance) {
    plan.forgets_ids = chance.percent(40);
    plan.undated = !plan.forgets_ids;
    if (plan.forgets_ids && chance.percent(50)) {
        plan.settings.dedup_ids_max = chance.below(100);
    } else if (plan.forgets_ids) {
        plan.settings.dedup_window = milliseconds(2'000 + chance.below(60'000));
    }
}

// From segments of one batch, many of which go at once, to such as a short life hardly fills.
void draw_log(Plan& plan, Chance& chance) {
    plan.log.segment_bytes = std::uint64_t{1} << (13 + chance.below(5));
    if (chance.percent(50)) {
        plan.log.reserve_bytes = plan.log.segment_bytes * chance.between(1, 2);
    }
    plan.log.inside_bytes_max = chance.percent(50) ? chance.below(60) : plan.body_bytes_max;
}

void draw_faults(Plan& plan, Chance& chance) {
    const std::uint64_t share = std::array<std::uint64_t, 4>{0, 15, 35, 60}[chance.below(4)];
    for (bool& fault : plan.faults) {
        fault = chance.percent(share);
    }
    plan.between_faults = chance.time(50 * millisecond, 3 * second);
}

}  // namespace

const char* name(Fault fault) {
    return names[static_cast<std::size_t>(fault)];
}

std::int64_t draw_drift(const Plan& plan, Chance& chance) {
    constexpr std::uint64_t most = 30'000;  // 3 %
    const auto drift = static_cast<std::int64_t>(chance.below(2 * most + 1));
    return plan.has(Fault::clocks_drift) ? drift - static_cast<std::int64_t>(most) : 0;
}

Plan make_plan(std::uint64_t seed) {
    Chance chance(seed ^ 0x9A7C15F39CC0605CULL);
    Plan plan;
    plan.seed = seed;
    plan.producers = 1 + chance.index(3);
    plan.hosts = 1 + chance.index(3);
    plan.processes = 1 + chance.index(3);
    plan.deeds = 60 + chance.below(60);
    plan.between_deeds = chance.time(2 * millisecond, 150 * millisecond);
    // Large ones make the journal grow far beyond what is known: then it is written again.
    plan.body_bytes_max = std::array<std::size_t, 4>{60, 60, 3'000, 12'000}[chance.below(4)];
    plan.latency = chance.time(20 * microsecond, 2 * millisecond);
    plan.trouble_percent = chance.below(50);
    plan.settings = draw_settings(chance);
    plan.forgets = chance.percent(30);
    if (plan.forgets) {
        plan.settings.finished_tasks_max = 3 + chance.below(30);
        draw_memory_of_ids(plan, chance);
    }
    draw_log(plan, chance);
    // Who is forgotten for whom, the history tells from the journal, which has nothing of these.
    plan.memory_percent = !plan.forgets && chance.percent(40) ? 10 + chance.below(50) : 0;
    plan.timed_percent = chance.percent(40) ? 10 + chance.below(40) : 0;
    draw_faults(plan, chance);
    return plan;
}

std::string to_text(const Plan& plan) {
    std::string text = std::to_string(plan.producers) + " producers, " +
                       std::to_string(plan.hosts) + " hosts of " + std::to_string(plan.processes) +
                       " processes, segments of " + std::to_string(plan.log.segment_bytes >> 10U) +
                       " KiB" + (plan.log.reserve_bytes > 0 ? " with a reserve" : "") +
                       (plan.forgets ? ", forgets soon" : "") +
                       (plan.forgets_ids ? ", and ids" : "") + ", " +
                       std::to_string(plan.memory_percent) + " % in memory, " +
                       std::to_string(plan.timed_percent) + " % timed; faults:";
    for (std::size_t i = 0; i < fault_count; ++i) {
        text += plan.faults[i] ? std::string(" ") + names[i] : "";
    }
    return text;
}

}  // namespace penstock::simulation
