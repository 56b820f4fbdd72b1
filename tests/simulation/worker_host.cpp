#include "tests/simulation/worker_host.hpp"

#include <utility>

namespace penstock::simulation {

WorkerHost::WorkerHost(const Plan& plan, Agenda& agenda, Network& network, Watch& watch,
                       std::uint32_t number, Chance chance)
    : Party("host " + std::to_string(number)),
      plan_(plan),
      agenda_(agenda),
      chance_(chance),
      clock_(0, chance_.time(second, 90'000 * second), first_unix_ms, draw_drift(plan, chance_)),
      line_(network, *this, Port::backend),
      last_pid_(number << 16U) {
    for (std::size_t n = 0; n < plan.processes; ++n) {
        processes_.push_back(std::make_unique<WorkerProcess>(
            plan, agenda, network, watch, *this, name() + " process " + std::to_string(n),
            chance_.split()));
        restart_soon();
    }
    agenda_.add_for_any_life(0, *this, starts_reporter);
}

void WorkerHost::happens(std::uint32_t what, std::uint64_t detail) {
    if (what == starts_process) {
        for (const auto& process : processes_) {
            if (!process->is_up()) {
                process->start(peace_);
                return;
            }
        }
        return;
    }
    if (what == starts_reporter && !link_) {
        start_reporter();
    }
    if (!link_) {
        return;
    }
    if (what == Line::arrival) {
        if (const std::optional<protocol::Message> message = line_.take(detail)) {
            hear(*message);
        }
    } else if (what == Line::connecting && line_.connect()) {
        static_cast<void>(line_.send(protocol::Hello{"reporter"}));
    }
    turn();
}

void WorkerHost::process_died(protocol::Obituary obituary) {
    if (!obituary.worker.is_zero()) {
        obituary.number = ++last_obituary_;
        obituaries_.add(std::move(obituary));
        tell_all();
    }
    restart_soon();
}

void WorkerHost::restart_soon() {
    agenda_.add_for_any_life(agenda_.now() + chance_.time(millisecond, 500 * millisecond), *this,
                             starts_process);
}

void WorkerHost::start_reporter() {
    begin_life();
    link_.emplace(worker::LinkLimits{}, chance_.next());
    obituaries_.tell_all_again();
    wakes_at_ = 0;
}

void WorkerHost::turn() {
    const TimePoint now = clock().steady;
    switch (link_->due(now)) {
        case worker::Link::Due::nothing: break;
        case worker::Link::Due::connect:
            line_.open();
            link_->started(now);
            break;
        case worker::Link::Due::disconnect: line_.close(true); break;
        case worker::Link::Due::heartbeat:
            static_cast<void>(line_.send(protocol::Heartbeat{}));
            link_->sent(now);
            break;
    }
    const Nanos due = std::max(clock_.when(link_->next_due()), agenda_.now() + microsecond);
    if (wakes_at_ <= agenda_.now() || due < wakes_at_) {
        wakes_at_ = due;
        agenda_.add(due, *this, wakes);
    }
}

void WorkerHost::hear(const protocol::Message& message) {
    const TimePoint now = clock().steady;
    link_->heard(now);
    if (const auto* const welcome = std::get_if<protocol::Welcome>(&message)) {
        link_->welcomed(now, welcome->heartbeat, welcome->liveness);
        obituaries_.tell_all_again();
        tell_all();
    } else if (const auto* const noted = std::get_if<protocol::Noted>(&message)) {
        obituaries_.noted(noted->number);
    } else if (const auto* const refusal = std::get_if<protocol::Refusal>(&message)) {
        if (refusal->error.code == ErrorCode::no_session && link_->joined()) {
            static_cast<void>(line_.send(protocol::Hello{"reporter"}));
            link_->started(now);
        }
    }
}

void WorkerHost::tell_all() {
    while (link_ && link_->joined() && line_.is_connected()) {
        const protocol::Obituary* const next = obituaries_.next_untold();
        if (next == nullptr) {
            return;
        }
        static_cast<void>(line_.send(*next));
        obituaries_.told();
    }
}

void WorkerHost::kill_a_process() {
    WorkerProcess& process = *processes_[chance_.index(processes_.size())];
    if (process.is_up()) {
        process.die(chance_.percent(80) ? protocol::DeathCause::signalled
                                        : protocol::DeathCause::out_of_memory);
    }
}

void WorkerHost::kill_reporter() {
    if (link_) {
        line_.close(chance_.percent(50));
        link_.reset();
        begin_life();
        agenda_.add_for_any_life(agenda_.now() + chance_.time(millisecond, 2 * second), *this,
                                 starts_reporter);
    }
}

void WorkerHost::lose() {
    for (const auto& process : processes_) {
        if (process->is_up()) {
            process->vanish();
            restart_soon();
        }
    }
    kill_reporter();
    obituaries_ = {};
}

void WorkerHost::drain_a_process() {
    WorkerProcess& process = *processes_[chance_.index(processes_.size())];
    if (process.is_up() && !process.is_draining()) {
        process.drain(std::chrono::milliseconds(500 + chance_.below(20'000)));
    }
}

void WorkerHost::make_peace() {
    peace_ = true;
    // The present ones leave as they would for an upgrade; the next ones know everything.
    for (const auto& process : processes_) {
        if (process->is_up() && !process->is_draining()) {
            process->drain_in_peace();
        }
    }
}

}  // namespace penstock::simulation
