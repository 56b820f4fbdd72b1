#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/simulation/invariants/recount.hpp"

namespace penstock::simulation {

namespace {

// Longer than any wait that there is when everything works: a worker's time limit, its death, a
// producer's longest pause and a few rounds of retries with their distances.
constexpr Nanos peace_lasts_at_most = 600 * second;
constexpr Nanos chaos_lasts_at_most = 600 * second;
constexpr Nanos settling = 8 * second;
constexpr std::uint64_t steps_min = 2'000;
constexpr std::uint64_t recount_every = 400;

}  // namespace

World::World(std::uint64_t seed, bool trace)
    : plan_(make_plan(seed)),
      prints_(trace),
      chance_(seed),
      network_(plan_, agenda_, chance_.split()),
      errands_(plan_, chance_.split()),
      watch_(plan_, errands_, verdict_, trace),
      broker_(plan_, agenda_, network_, watch_, chance_.split()),
      shared_{plan_.deeds},
      stranger_(plan_, agenda_, network_, watch_, chance_.split()),
      faults_(plan_, agenda_, network_, broker_, producers_, hosts_, chance_.split()) {
    for (std::size_t n = 0; n < plan_.producers; ++n) {
        producers_.push_back(std::make_unique<Producer>(plan_, agenda_, network_, watch_, errands_,
                                                        shared_, n + 1, chance_.split()));
    }
    for (std::size_t n = 0; n < plan_.hosts; ++n) {
        hosts_.push_back(std::make_unique<WorkerHost>(
            plan_, agenda_, network_, watch_, static_cast<std::uint32_t>(n + 1), chance_.split()));
    }
}

void World::run() {
    if (prints_) {
        std::printf("%s\n", to_text(plan_).c_str());
    }
    chaos();
    if (verdict_.is_clean()) {
        peace();
    }
}

void World::step(const Entry& entry) {
    ++steps_;
    trace_.add(static_cast<std::uint64_t>(entry.at)).add(entry.what).add(entry.detail);
    if (prints_) {
        std::printf("%8llu %12.6f %-20s %u %llx %s\n", static_cast<unsigned long long>(steps_),
                    static_cast<double>(entry.at) / static_cast<double>(second),
                    entry.party->name().c_str(), entry.what,
                    static_cast<unsigned long long>(entry.detail),
                    entry.party == &faults_ ? faults_.last() : "");
    }
    entry.party->happens(entry.what, entry.detail);
    if (steps_ % recount_every == 0 && broker_.is_up() && broker_.paused_until() <= agenda_.now()) {
        recount(broker_, watch_);
    }
}

template <typename Done>
bool World::run_until(const Done& done, Nanos most) {
    const Nanos end = agenda_.now() + most;
    for (std::uint64_t n = 1; verdict_.is_clean() && agenda_.now() < end; ++n) {
        const std::optional<Entry> entry = agenda_.next();
        if (!entry) {
            return false;
        }
        step(*entry);
        if (n % 32 == 0 && done()) {
            return true;
        }
    }
    return false;
}

void World::chaos() {
    run_until([&] { return shared_.deeds_left == 0 && steps_ >= steps_min; }, chaos_lasts_at_most);
}

bool World::is_content() {
    return broker_.is_idle() &&
           std::ranges::all_of(producers_, [](const auto& one) { return one->is_content(); }) &&
           std::ranges::all_of(hosts_, [](const auto& host) { return host->has_told(); });
}

void World::peace() {
    shared_.deeds_left = 0;
    faults_.make_peace();
    stranger_.make_peace();
    for (const auto& producer : producers_) {
        producer->make_peace();
    }
    for (const auto& host : hosts_) {
        host->make_peace();
    }
    if (!run_until([&] { return is_content(); }, peace_lasts_at_most) && verdict_.is_clean()) {
        tell_who_waits();
    }
    // Whoever was on the way has arrived then, or is known to be gone.
    run_until([] { return false; }, settling);
    if (verdict_.is_clean()) {
        check_the_end();
    }
}

void World::tell_who_waits() {
    for (const auto& producer : producers_) {
        if (const auto number = producer->missing()) {
            verdict_.violated(Invariant::all_ends_after_peace,
                              producer->name() + " still waits for task " +
                                  std::to_string(*number) + " of type " + errands_[*number].type);
        }
    }
    if (verdict_.is_clean()) {
        verdict_.violated(Invariant::all_ends_after_peace,
                          "the broker is not idle, or a death has not been noted");
    }
}

void World::check_the_end() {
    if (!broker_.is_up()) {
        verdict_.violated(Invariant::all_ends_after_peace, "the broker is down in peace");
        return;
    }
    recount(broker_, watch_);
    check_everything_ended(broker_, watch_);
    for (const auto& producer : producers_) {
        if (!producer->holds_nothing()) {
            verdict_.violated(Invariant::one_answer_per_ask,
                              producer->name() + " holds something that is answered, or waits");
        }
    }
    if (verdict_.is_clean()) {
        check_all_slots_work(broker_, watch_, errands_);
    }
}

}  // namespace penstock::simulation
