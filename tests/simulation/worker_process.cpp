#include "tests/simulation/worker_process.hpp"

#include <algorithm>
#include <utility>

namespace penstock::simulation {

namespace {

worker::SessionSettings settings_for(const Plan& plan, Chance& chance, std::uint32_t pid,
                                     bool knows_everything) {
    worker::SessionSettings settings;
    for (std::size_t at = 0; at < 4; ++at) {
        settings.worker.bytes[at] = static_cast<std::uint8_t>(pid >> (8 * at));
    }
    settings.site = {"host", pid, 0};
    settings.slots = {1 + static_cast<std::uint32_t>(chance.below(3)),
                      1 + static_cast<std::uint32_t>(chance.below(2))};
    settings.types = {{quick_type, SlotClass::cpu},
                      {slow_type, SlotClass::cpu},
                      {idle_type, SlotClass::wait},
                      {probe_type, SlotClass::cpu},
                      {probe_wait_type, SlotClass::wait}};
    if (knows_everything) {
        settings.types.push_back({strange_type, SlotClass::cpu});
    } else if (chance.percent(20)) {
        settings.types.erase(settings.types.begin() + static_cast<std::ptrdiff_t>(chance.below(3)));
    }
    if (!knows_everything && chance.percent(30)) {
        settings.queues = {chance.percent(50) ? "default" : "night"};
    }
    settings.batches = {1 + chance.index(20), 1U << 16U, 1U << 20U, std::size_t{63} << 20U};
    settings.void_grace = std::chrono::milliseconds(chance.below(3'000));
    settings.seed = chance.next();
    static_cast<void>(plan);
    return settings;
}

}  // namespace

WorkerProcess::WorkerProcess(const Plan& plan, Agenda& agenda, Network& network, Watch& watch,
                             Supervisor& supervisor, const std::string& name, Chance chance)
    : Party(name),
      plan_(plan),
      agenda_(agenda),
      watch_(watch),
      supervisor_(supervisor),
      chance_(chance),
      line_(network, *this, Port::backend) {}

void WorkerProcess::start(bool knows_everything) {
    begin_life();
    const std::uint32_t pid = supervisor_.next_pid();
    const worker::SessionSettings settings = settings_for(plan_, chance_, pid, knows_everything);
    id_ = settings.worker;
    slots_.clear();
    for (std::size_t slot_class = 0; slot_class < slot_class_count; ++slot_class) {
        for (std::uint32_t n = 0; n < settings.slots[slot_class]; ++n) {
            slots_.emplace_back().slot_class = static_cast<SlotClass>(slot_class);
        }
    }
    session_.emplace(settings);
    unsent_.clear();
    drain_deadline_.reset();
    peace_ = false;
    unsettled_.clear();
    wakes_at_ = 0;
    session_->tick(now());
    act();
}

void WorkerProcess::happens(std::uint32_t what, std::uint64_t detail) {
    if (!is_up()) {
        return;
    }
    switch (what) {
        case Line::arrival:
            if (std::optional<protocol::Message> message = line_.take(detail)) {
                hear(*std::move(message));
            }
            break;
        case Line::connecting:
            if (line_.connect()) {
                flush();
            }
            break;
        case picks_up: pick_up(static_cast<std::size_t>(detail)); break;
        case ends:
            end(static_cast<std::size_t>(detail & 0xFFFFU),
                static_cast<std::uint32_t>(detail >> 16U));
            break;
        default: break;
    }
    if (is_up()) {
        session_->tick(now());
        act();
    }
}

Nanos WorkerProcess::when(TimePoint due) const {
    // The clocks of hosts drift by little: early is as good.
    return agenda_.now() + std::max<Nanos>((due - now()).count() * 97 / 100, microsecond);
}

void WorkerProcess::wake_when_due() {
    const Nanos due = when(session_->next_tick());
    if (wakes_at_ <= agenda_.now() || due < wakes_at_) {
        wakes_at_ = due;
        agenda_.add(due, *this, wakes);
    }
}

void WorkerProcess::act() {
    while (is_up()) {
        std::vector<worker::Effect> effects = session_->take_effects(now());
        if (effects.empty()) {
            wake_when_due();
            return;
        }
        for (worker::Effect& effect : effects) {
            if (is_up()) {
                carry_out(effect);
            }
        }
    }
}

void WorkerProcess::carry_out(worker::Effect& effect) {
    if (std::holds_alternative<worker::Connect>(effect)) {
        unsent_.clear();
        line_.open();
    } else if (std::holds_alternative<worker::Disconnect>(effect)) {
        unsent_.clear();
        line_.close(true);
    } else if (auto* const message = std::get_if<worker::Send>(&effect)) {
        send(std::move(message->message));
    } else if (auto* const batch = std::get_if<worker::HandOver>(&effect)) {
        carry_out(*batch);
    } else if (const auto* const request = std::get_if<worker::TakeBack>(&effect)) {
        carry_out(*request);
    } else if (const auto* const cancel = std::get_if<worker::Cancel>(&effect)) {
        carry_out(*cancel);
    } else if (const auto* const kill = std::get_if<worker::Kill>(&effect)) {
        carry_out(*kill);
    } else if (const auto* const leave = std::get_if<worker::Leave>(&effect)) {
        carry_out(*leave);
    }
}

// What has started is never returned, and what was returned never starts.
void WorkerProcess::check(const protocol::Returned& returned) const {
    for (const Slot& slot : slots_) {
        for (const worker::Work& work : slot.list) {
            if (std::ranges::find(returned.leases, work.lease) != returned.leases.end()) {
                watch_.verdict().violated(Invariant::one_live_lease,
                                          name() + " returns a lease and keeps the work");
            }
        }
    }
}

void WorkerProcess::send(protocol::Message message) {
    if (const auto* const returned = std::get_if<protocol::Returned>(&message)) {
        check(*returned);
    }
    unsent_.push_back(std::move(message));
    flush();
}

void WorkerProcess::flush() {
    while (!unsent_.empty() && line_.is_connected()) {
        static_cast<void>(line_.send(std::move(unsent_.front())));
        unsent_.pop_front();
    }
}

void WorkerProcess::hear(protocol::Message message) {
    if (const auto* const settled = std::get_if<protocol::Settled>(&message)) {
        for (const TaskId& id : settled->ids) {
            const auto found = unsettled_.find(number_of(id));
            if (settled->epoch == session_->epoch() && found != unsettled_.end()) {
                unsettled_.erase(found);
            }
        }
    }
    session_->receive(std::move(message), now());
}

void WorkerProcess::carry_out(worker::HandOver& batch) {
    Slot& slot = slots_.at(batch.slot);
    const bool was_idle = slot.list.empty();
    for (worker::Work& work : batch.work) {
        slot.list.push_back(std::move(work));
    }
    if (was_idle) {
        pick_up_later(batch.slot);
    }
}

void WorkerProcess::pick_up_later(std::size_t slot) {
    agenda_.add(agenda_.now() + chance_.time(0, 200 * microsecond), *this, picks_up, slot);
}

void WorkerProcess::pick_up(std::size_t index) {
    Slot& slot = slots_.at(index);
    if (slot.running || slot.list.empty()) {
        return;
    }
    slot.running = true;
    slot.cancelled = false;
    slot.fate = protocol::Fate::running;
    slot.started = now();
    ++slot.run;
    const Errand& errand = watch_.errands()[number_of(slot.list.front().lease.task)];
    Nanos takes = errand.type == quick_type ? chance_.time(20 * microsecond, millisecond)
                                            : chance_.time(millisecond, 400 * millisecond);
    if (errand.nature == Nature::endless) {
        takes = 3'600 * second;
    }
    agenda_.add(agenda_.now() + takes, *this, ends,
                std::uint64_t{slot.run} << 16U | static_cast<std::uint64_t>(index));
    if (chance_.percent(10)) {
        session_->progressed({{slot.list.front().lease, 500, "half way"}}, now());
    }
}

std::optional<Error> WorkerProcess::verdict_of(const Errand& errand, const Slot& slot) {
    if (slot.cancelled) {
        return Error{ErrorCode::failed, "as you wish"};
    }
    switch (errand.nature) {
        case Nature::hopeless: return Error{ErrorCode::failed, "never"};
        case Nature::refused: return Error{ErrorCode::rejected, "not that"};
        case Nature::willing:
            if (chance_.percent(plan_.trouble_percent / 3)) {
                return Error{ErrorCode::failed, "not today"};
            }
            return std::nullopt;
        case Nature::deadly:
        case Nature::endless: break;
    }
    return std::nullopt;
}

void WorkerProcess::end(std::size_t index, std::uint32_t run) {
    Slot& slot = slots_.at(index);
    if (!slot.running || slot.run != run) {
        return;
    }
    const Errand& errand = watch_.errands()[number_of(slot.list.front().lease.task)];
    if (errand.nature == Nature::deadly && !slot.cancelled) {
        die(protocol::DeathCause::signalled);
        return;
    }
    const worker::Work work = std::move(slot.list.front());
    slot.list.pop_front();
    slot.running = false;
    protocol::Outcome outcome{work.lease, static_cast<std::uint32_t>(index), {}, {}, {}};
    outcome.run = std::chrono::duration_cast<std::chrono::microseconds>(now() - slot.started);
    outcome.error = verdict_of(errand, slot);
    if (!outcome.error) {
        outcome.output = proof(work.lease);
    }
    if (work.lease.epoch == session_->epoch()) {
        if (unsettled_of_ != session_->epoch()) {
            unsettled_.clear();
            unsettled_of_ = session_->epoch();
        }
        unsettled_.insert(errand.number);
    }
    session_->finished(static_cast<worker::SlotIndex>(index), std::move(outcome), now());
    if (!slot.list.empty()) {
        pick_up_later(index);
    }
}

void WorkerProcess::carry_out(const worker::TakeBack& request) {
    Slot& slot = slots_.at(request.slot);
    const auto found = std::ranges::find(slot.list, request.lease, &worker::Work::lease);
    if (found == slot.list.end() || (slot.running && found == slot.list.begin())) {
        return;
    }
    worker::Work work = std::move(*found);
    slot.list.erase(found);
    session_->taken_back(request.slot, std::move(work), now());
}

void WorkerProcess::carry_out(const worker::Cancel& request) {
    Slot& slot = slots_.at(request.slot);
    if (!slot.running || slot.list.front().lease != request.lease) {
        return;
    }
    if (!watch_.errands()[number_of(request.lease.task)].stubborn) {
        slot.cancelled = true;
        agenda_.add(agenda_.now() + chance_.time(0, 20 * millisecond), *this, ends,
                    std::uint64_t{slot.run} << 16U | request.slot);
    }
}

void WorkerProcess::carry_out(const worker::Kill& kill) {
    bool runs = false;
    for (const worker::Doomed& doomed : kill.doomed) {
        Slot& slot = slots_.at(doomed.slot);
        if (slot.running && slot.list.front().lease == doomed.lease) {
            slot.fate = doomed.fate;
            runs = true;
        } else {
            session_->spare(doomed.slot, now());
        }
    }
    if (runs) {
        die(protocol::DeathCause::signalled);
    }
}

void WorkerProcess::carry_out(const worker::Leave& leave) {
    const bool in_time = drain_deadline_ && now() < *drain_deadline_;
    const bool idle =
        std::ranges::all_of(slots_, [](const Slot& slot) { return slot.list.empty(); });
    const bool settled = unsettled_.empty() || unsettled_of_ != session_->epoch();
    if (leave.error || (in_time && !(idle && settled)) || (peace_ && !in_time)) {
        watch_.verdict().violated(Invariant::drain_loses_nothing,
                                  name() + " leaves before everything is settled");
    }
    flush();
    line_.close(true);
    gone();
    supervisor_.process_died({});
}

std::vector<protocol::StartedLease> WorkerProcess::started() const {
    // As worker/shell/slot_page.cpp tells it: those of the latest epoch, and nobody if the process
    // was ended for the sake of an older one.
    std::vector<protocol::StartedLease> all;
    Epoch latest;
    for (const Slot& slot : slots_) {
        if (slot.running) {
            all.push_back({slot.list.front().lease, slot.fate});
            latest = std::max(latest, slot.list.front().lease.epoch);
        }
    }
    const auto is_void = [&](const auto& entry) { return entry.lease.epoch != latest; };
    if (std::ranges::any_of(all, [&](const auto& entry) {
            return is_void(entry) && entry.fate != protocol::Fate::running;
        })) {
        return {};
    }
    std::erase_if(all, is_void);
    return all;
}

void WorkerProcess::die(protocol::DeathCause cause) {
    protocol::Obituary obituary;
    obituary.worker = id_;
    obituary.cause = cause;
    obituary.started = started();
    obituary.epoch = obituary.started.empty() ? Epoch{} : obituary.started.front().lease.epoch;
    line_.close(chance_.percent(60));
    gone();
    supervisor_.process_died(std::move(obituary));
}

void WorkerProcess::vanish() {
    line_.close(chance_.percent(30));
    gone();
}

void WorkerProcess::gone() {
    session_.reset();
    slots_.clear();
    begin_life();
}

void WorkerProcess::drain_in_peace() {
    // What runs ends by its time limit, and nobody stands still for longer than this.
    constexpr std::chrono::seconds enough{60};
    peace_ = true;
    drain(enough);
}

void WorkerProcess::drain(std::chrono::milliseconds timeout) {
    drain_deadline_ = now() + timeout;
    session_->drain(now(), timeout);
    act();
}

bool WorkerProcess::is_draining() const {
    return drain_deadline_.has_value();
}

}  // namespace penstock::simulation
