// What a seed decides before anything happens: how many there are of everything, which limits hold,
// and which faults there will be. Each seed has its own subset of faults, so that one kind does not
// hide what another would show.
//
// Thread rule: values.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "broker/core/settings.hpp"
#include "broker/store/log/log_writer.hpp"
#include "tests/simulation/chance.hpp"

namespace penstock::simulation {

enum class Fault : std::uint8_t {
    broker_killed,      // the kernel keeps what it wrote
    power_cut,          // of the broker's machine: what was not synced is there, torn or lost
    killed_recovering,  // ... again while it starts
    sync_fails,
    disk_full,
    disk_slow,
    process_killed,
    host_lost,  // all processes of a host, with nobody left to tell
    reporter_killed,
    producer_killed,
    paused,           // any party stands still
    cut,              // a connection breaks
    half_open,        // ... and one side does not notice
    delivered_twice,  // what was sent last is sent again on the next connection
    partition,
    network_slow,
    reader_too_slow,  // the broker gives a peer up
    wall_clock_set,
    clocks_drift,
    drained,   // workers leave and others come
    stranger,  // somebody says what is not his to say
};
inline constexpr std::size_t fault_count = 21;
[[nodiscard]] const char* name(Fault fault);

struct Plan {
    std::uint64_t seed = 0;

    std::size_t producers = 1;
    std::size_t hosts = 1;
    std::size_t processes = 1;  // of each host
    std::uint64_t deeds = 100;  // of all producers together
    Nanos between_deeds = millisecond;
    std::size_t body_bytes_max = 100;
    Nanos latency = millisecond;
    std::uint64_t trouble_percent = 20;  // of attempts do not just succeed
    std::uint64_t memory_percent = 0;    // of tasks are at level memory: they end with the broker
    std::uint64_t timed_percent = 0;     // of tasks may not start at once, or expire

    broker::Settings settings;
    broker::LogOptions log;
    bool forgets = false;      // finished tasks, so that only their ids are known
    bool forgets_ids = false;  // and these, so that they are refused
    bool undated = false;      // some ids do not say when they were made

    std::array<bool, fault_count> faults{};
    Nanos between_faults = second;
    [[nodiscard]] bool has(Fault fault) const { return faults[static_cast<std::size_t>(fault)]; }
};

// Of one party's clock, in parts per million.
[[nodiscard]] std::int64_t draw_drift(const Plan& plan, Chance& chance);
[[nodiscard]] Plan make_plan(std::uint64_t seed);
// Everything that differs between seeds, for people.
[[nodiscard]] std::string to_text(const Plan& plan);

}  // namespace penstock::simulation
