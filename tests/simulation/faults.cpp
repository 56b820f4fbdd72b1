#include "tests/simulation/faults.hpp"

namespace penstock::simulation {

Faults::Faults(const Plan& plan, Agenda& agenda, Network& network, BrokerHost& broker,
               std::vector<std::unique_ptr<Producer>>& producers,
               std::vector<std::unique_ptr<WorkerHost>>& hosts, Chance chance)
    : Party("faults"),
      plan_(plan),
      agenda_(agenda),
      network_(network),
      broker_(broker),
      producers_(producers),
      hosts_(hosts),
      chance_(chance) {
    for (std::size_t i = 0; i < fault_count; ++i) {
        if (plan.faults[i]) {
            drawn_.push_back(static_cast<Fault>(i));
        }
    }
    if (!drawn_.empty()) {
        agenda_.add_for_any_life(plan.between_faults, *this, strikes);
    }
}

void Faults::happens(std::uint32_t what, std::uint64_t /*detail*/) {
    if (what == network_recovers) {
        network_.slow_down(0);
    } else if (!peace_) {
        strike(drawn_[chance_.index(drawn_.size())]);
        agenda_.add(agenda_.now() + chance_.time(0, 2 * plan_.between_faults), *this, strikes);
    }
}

void Faults::make_peace() {
    peace_ = true;
    network_.slow_down(0);
    for (Line* const line : network_.lines()) {
        network_.block(*line, true, true, agenda_.now());
    }
    broker_.make_peace();
}

void Faults::strike(Fault fault) {
    last_ = simulation::name(fault);
    switch (fault) {
        case Fault::broker_killed:
        case Fault::power_cut:
        case Fault::sync_fails:
        case Fault::disk_full:
        case Fault::disk_slow:
        case Fault::reader_too_slow: strike_broker(fault); return;
        case Fault::process_killed:
        case Fault::host_lost:
        case Fault::reporter_killed:
        case Fault::drained: strike_workers(fault); return;
        case Fault::producer_killed: producers_[chance_.index(producers_.size())]->kill(); return;
        case Fault::paused: pause_somebody(); return;
        case Fault::cut:
        case Fault::half_open:
        case Fault::partition:
        case Fault::network_slow: strike_network(fault); return;
        case Fault::wall_clock_set: set_a_wall_clock(); return;
        case Fault::killed_recovering:
        case Fault::delivered_twice:
        case Fault::clocks_drift:
        case Fault::stranger: return;  // they are there all the time
    }
}

void Faults::strike_broker(Fault fault) {
    const Nanos until = agenda_.now() + chance_.time(millisecond, 4 * second);
    if (fault == Fault::broker_killed) {
        broker_.kill();
    } else if (fault == Fault::power_cut) {
        broker_.cut_power();
    } else if (fault == Fault::sync_fails) {
        broker_.fail_a_sync();
    } else if (fault == Fault::disk_full) {
        broker_.fill_disk(until);
    } else if (fault == Fault::disk_slow) {
        broker_.slow_disk(chance_.time(millisecond, second), until);
    } else {
        broker_.give_up_on_somebody();
    }
}

void Faults::strike_workers(Fault fault) {
    if (fault == Fault::process_killed) {
        some_host().kill_a_process();
    } else if (fault == Fault::host_lost) {
        some_host().lose();
    } else if (fault == Fault::reporter_killed) {
        some_host().kill_reporter();
    } else {
        some_host().drain_a_process();
    }
}

Line* Faults::some_line() {
    const auto& lines = network_.lines();
    return lines[chance_.index(lines.size())];
}

void Faults::strike_network(Fault fault) {
    if (fault == Fault::network_slow) {
        network_.slow_down(chance_.time(millisecond, 500 * millisecond));
        agenda_.add(agenda_.now() + chance_.time(millisecond, 3 * second), *this, network_recovers);
        return;
    }
    if (fault != Fault::partition) {
        network_.cut(*some_line(), fault == Fault::half_open);
        return;
    }
    const Nanos until = agenda_.now() + chance_.time(millisecond, 12 * second);
    const std::uint64_t direction = chance_.below(3);
    const std::uint64_t share = chance_.percent(50) ? 100 : 30;
    for (Line* const line : network_.lines()) {
        if (chance_.percent(share)) {
            network_.block(*line, direction != 0, direction != 1, until);
        }
    }
}

void Faults::pause_somebody() {
    const Nanos until = agenda_.now() + chance_.time(millisecond, 15 * second);
    const std::uint64_t who = chance_.below(4);
    if (who == 0) {
        broker_.pause_until(until);
    } else if (who == 1) {
        producers_[chance_.index(producers_.size())]->pause_until(until);
    } else if (who == 2) {
        some_host().pause_until(until);
    } else {
        auto& processes = some_host().processes();
        processes[chance_.index(processes.size())]->pause_until(until);
    }
}

void Faults::set_a_wall_clock() {
    constexpr std::uint64_t most_ms = 600'000;
    const auto forward = static_cast<std::int64_t>(chance_.below(2 * most_ms + 1)) -
                         static_cast<std::int64_t>(most_ms);
    if (chance_.percent(70)) {
        broker_.set_wall_clock(forward);
    } else {
        some_host().set_wall_clock(forward);
    }
}

}  // namespace penstock::simulation
