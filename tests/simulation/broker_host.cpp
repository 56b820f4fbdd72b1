#include "tests/simulation/broker_host.hpp"

#include <utility>

namespace penstock::simulation {

using broker::SessionId;

BrokerHost::BrokerHost(const Plan& plan, Agenda& agenda, Network& network, Watch& watch,
                       Chance chance)
    : Party("broker"),
      plan_(plan),
      agenda_(agenda),
      network_(network),
      watch_(watch),
      chance_(chance),
      drift_(draw_drift(plan, chance_)),
      clock_(0, 3'600 * second, first_unix_ms, drift_),
      disk_time_(chance_.time(50 * microsecond, 5 * millisecond)) {
    agenda_.add_for_any_life(0, *this, starts);
}

void BrokerHost::happens(std::uint32_t what, std::uint64_t detail) {
    if (what == starts) {
        start();
    } else if (what == disk_has_room) {
        make_room();
    } else if (!is_up()) {
        return;
    } else if (what == Line::arrival) {
        receive(static_cast<ConnectionId>(detail));
    } else if (what == turns) {
        turn();
    } else if (what == disk_works) {
        work_on_disk();
    }
}

void BrokerHost::start() {
    if (is_up()) {
        return;
    }
    begin_life();
    const Instant now = this->now();
    watch_.replay_begins();
    const std::uint64_t left_percent = chance_.percent(50) ? chance_.below(101) : 0;
    journal_ = std::make_unique<Journal>(
        disk_, plan_.log, [this](auto records, auto first) { watch_.appended(records, first); },
        [this, left_percent] { return chance_.percent(left_percent); });
    journal_->witness_replay([this](const broker::Record& record, broker::Sequence sequence) {
        watch_.replayed(record, sequence);
    });
    broker_ = std::make_unique<broker::BrokerLife>(plan_.settings, *journal_, chance_.next(), now);
    if (plan_.has(Fault::killed_recovering) && !peace_ && chance_.percent(30)) {
        disk_.cut_at(disk_.operations() + chance_.below(10));
    }
    const Result<void> recovered = broker_->recover(now);
    if (!recovered) {
        if (recovered.error().code == ErrorCode::malformed) {
            watch_.verdict().violated(Invariant::recovery_is_the_journal,
                                      "the journal is refused: " + recovered.error().message);
        }
        check_reserve(recovered.error());
        die(plan_.has(Fault::power_cut) && chance_.percent(50));
        return;
    }
    disk_.cut_at(~std::uint64_t{0});
    begin();
}

void BrokerHost::begin() {
    const Instant now = this->now();
    connections_.assign(1, no_connection);  // session 0 is none
    obituaries_.clear();
    watch_.recovered(journal_->epoch(), journal_->durable(), now);
    broker_->begin(now);
    life_ = broker_.get();
    reported_ = {};
    turn_is_due_ = false;
    disk_is_busy_ = false;
    wakes_at_ = 0;
    asker_ = static_cast<SessionId>(connections_.size());
    connections_.push_back(no_connection);
    network_.broker_is_up(*this);
    turn();
    const auto rows = ask_all<protocol::TaskRow>(protocol::QueryKind::tasks);
    if (is_up()) {  // still: what it wrote meanwhile may have failed
        watch_.shown(rows);
    }
}

void BrokerHost::check_reserve(const Error& error) {
    const auto reserve = disk_.names().find("reserve");
    if (error.code == ErrorCode::disk_full && reserve != disk_.names().end() &&
        reserve->second->now.size() == plan_.log.reserve_bytes) {
        watch_.verdict().violated(Invariant::full_disk_goes_on,
                                  "the broker dies of a full disk with its reserve in hand");
    }
}

void BrokerHost::die(bool power) {
    begin_life();
    if (is_up() && journal_->failed()) {
        check_reserve(*journal_->failure());
    }
    network_.broker_is_down();
    if (is_up() && journal_->has_work() && !journal_->failed()) {
        // In the middle of what its thread is doing; or before, or after it.
        disk_.cut_at(disk_.operations() + chance_.below(8));
        journal_->do_next();
    }
    if (is_up()) {
        watch_.broker_died(journal_->durable());
    }
    power_goes_ = false;
    life_ = nullptr;
    broker_.reset();
    journal_.reset();
    if (power) {
        const std::uint64_t luck = chance_.below(101);
        disk_.restart([&](std::size_t) { return chance_.percent(luck); });
        clock_ = Clock(agenda_.now(), chance_.time(second, 9'000 * second),
                       clock_.at(agenda_.now()).unix_ms, drift_);
    } else {
        disk_.restart_process();
    }
    start_later();
}

void BrokerHost::start_later() {
    const Nanos away = peace_ ? 100 * millisecond : chance_.time(millisecond, 3 * second);
    agenda_.add_for_any_life(agenda_.now() + away, *this, starts);
}

SessionId BrokerHost::session_of(ConnectionId id) {
    SessionId& session = network_.session_of(id);
    if (session == broker::no_session || session >= connections_.size() ||
        connections_[session] != id) {
        session = static_cast<SessionId>(connections_.size());
        connections_.push_back(id);
    }
    return session;
}

void BrokerHost::receive(ConnectionId id) {
    std::optional<protocol::Message> message = network_.take_at_broker(id);
    if (!message) {
        return;
    }
    watch_.awake(now());
    const SessionId session = session_of(id);
    const Line& line = network_.line_of(id);
    if (line.is_strange()) {
        watch_.heard_stranger(session);
    }
    if (line.port() == Port::frontend) {
        watch_.heard(session, *message, now());
        life_->scheduler().handle(broker::FrontendMessage{session, std::move(*message)}, now());
    } else if (std::holds_alternative<protocol::Obituary>(*message)) {
        obituaries_.push_back({session, std::move(*message)});
    } else {
        watch_.heard(session, *message, now());
        life_->scheduler().handle(broker::BackendMessage{session, std::move(*message)}, now());
    }
    turn_soon();
}

void BrokerHost::turn_soon() {
    if (!turn_is_due_) {
        turn_is_due_ = true;
        agenda_.add(agenda_.now() + chance_.time(0, 100 * microsecond), *this, turns);
    }
}

void BrokerHost::turn() {
    turn_is_due_ = false;
    watch_.awake(now());
    for (broker::BackendMessage& obituary : std::exchange(obituaries_, {})) {
        watch_.heard(obituary.session, obituary.message, now());
        life_->scheduler().handle(std::move(obituary), now());
    }
    look_at_disk();
    const bool was_held = journal_->wants_flush();
    const auto carry = [this](broker::Effects& effects) { carry_out(effects); };
    Result<void> done = life_->turn(now(), carry);
    // Or what comes next goes to the disk with it.
    if (done && journal_->wants_flush() && (was_held || chance_.percent(50))) {
        done =
            journal_->flush(chance_.percent(80) ? broker::Flush::here : broker::Flush::elsewhere);
        if (done) {
            done = life_->turn(now(), carry);
        }
    }
    if (!done) {
        if (!journal_->failed()) {
            watch_.verdict().violated(Invariant::recovery_is_the_journal,
                                      "a record is not found again: " + done.error().message);
        }
        die(power_goes_);
        return;
    }
    if (life_->has_more() || journal_->wants_flush()) {
        turn_soon();
    }
    watch_.refuses_new_tasks(reported_.nearly_full);
    start_disk();
    wake_when_due();
}

void BrokerHost::look_at_disk() {
    if (journal_->disk() != reported_) {
        reported_ = journal_->disk();
        life_->scheduler().handle(reported_, now());
    }
}

void BrokerHost::make_room() {
    disk_.set_size(~std::uint64_t{0});
    if (is_up()) {
        journal_->look_at_disk();
        start_disk();
    }
}

void BrokerHost::wake_when_due() {
    const Nanos due = clock_.when(life_->scheduler().next_deadline());
    if (wakes_at_ <= agenda_.now() || due < wakes_at_) {
        wakes_at_ = std::max(due, agenda_.now() + microsecond);
        agenda_.add(wakes_at_, *this, turns);
    }
}

void BrokerHost::carry_out(broker::Effects& effects) {
    watch_.became_durable(journal_->durable());
    did_something_ = did_something_ || !effects.sends.empty() || !effects.ended.empty();
    SessionId lost = broker::no_session;
    for (broker::Outgoing& outgoing : effects.sends) {
        if (outgoing.session == asker_) {
            answers_.push_back(std::move(outgoing.message));
            continue;
        }
        watch_.told(outgoing.session, outgoing.message, now());
        const ConnectionId id = connections_[outgoing.session];
        if (outgoing.session != lost &&
            (id == no_connection || !network_.send_to_peer(id, std::move(outgoing.message)))) {
            lost = outgoing.session;
            watch_.connection_lost(lost);
            life_->scheduler().handle(broker::SessionLost{lost}, now());
        }
    }
    for (const SessionId session : effects.ended) {
        watch_.session_ended(session, now());
        connections_[session] = no_connection;
    }
    watch_.turn_ended();
}

void BrokerHost::start_disk() {
    if (!disk_is_busy_ && journal_->has_work()) {
        disk_is_busy_ = true;
        const bool slow = agenda_.now() < disk_slow_until_;
        agenda_.add(agenda_.now() + disk_time_ / 2 + chance_.time(0, disk_time_) +
                        (slow ? disk_slow_each_ : 0),
                    *this, disk_works);
    }
}

void BrokerHost::work_on_disk() {
    disk_is_busy_ = false;
    if (journal_->failed()) {
        die(power_goes_);
        return;
    }
    if (!journal_->has_work()) {
        return;  // it has been done for somebody who asked
    }
    if (plan_.has(Fault::power_cut) && !peace_ && journal_->trims_next() && chance_.percent(10)) {
        // Hardly ever otherwise, and several at a time even less.
        constexpr std::uint64_t within = 8;
        cut_power_within(within);
    }
    journal_->do_next();
    watch_.became_durable(journal_->durable());
    turn_soon();
    start_disk();
}

void BrokerHost::kill() {
    if (is_up()) {
        die(false);
    }
}

void BrokerHost::cut_power_within(std::uint64_t operations) {
    power_goes_ = true;
    disk_.cut_at(disk_.operations() + chance_.below(operations));
}

void BrokerHost::cut_power() {
    constexpr std::uint64_t soon = 40;
    if (!is_up()) {
        return;
    }
    // By what the disk does as often as by the time: much of it takes none of that.
    if (chance_.percent(50)) {
        cut_power_within(soon);
    } else {
        die(true);
    }
}

void BrokerHost::set_wall_clock(std::int64_t forward_ms) {
    latest_unix_ms_ = std::max(latest_unix_ms_, now().unix_ms);
    if (is_up() && paused_until() <= agenda_.now()) {
        settle();
    } else {
        clock_.set_wall(forward_ms);
        return;
    }
    if (!is_up()) {
        clock_.set_wall(forward_ms);
        return;
    }
    const auto before = ask_all<protocol::TaskRow>(protocol::QueryKind::tasks);
    clock_.set_wall(forward_ms);
    if (!is_up()) {
        return;
    }
    const auto after = ask_all<protocol::TaskRow>(protocol::QueryKind::tasks);
    if (is_up()) {
        watch_.wall_clock_was_set(before, after);
    }
}

void BrokerHost::give_up_on_somebody() {
    if (!is_up() || connections_.size() < 3) {
        return;
    }
    const SessionId session = 2 + chance_.below(connections_.size() - 2);
    if (connections_[session] != no_connection) {
        watch_.awake(now());
        watch_.connection_lost(session);
        life_->scheduler().handle(broker::SessionLost{session}, now());
        turn_soon();
    }
}

void BrokerHost::fail_a_sync() {
    if (is_up()) {
        disk_.fail_sync_at(disk_.operations() + chance_.below(20));
    }
}

void BrokerHost::fill_disk(Nanos until) {
    disk_.set_size(disk_.used_bytes());
    agenda_.add_for_any_life(until, *this, disk_has_room);
}

void BrokerHost::slow_disk(Nanos each, Nanos until) {
    disk_slow_each_ = each;
    disk_slow_until_ = until;
}

void BrokerHost::make_peace() {
    peace_ = true;
    make_room();
    if (power_goes_ && !journal_->failed()) {
        power_goes_ = false;
        disk_.cut_at(~std::uint64_t{0});
    }
    disk_.fail_sync_at(~std::uint64_t{0});
    disk_slow_until_ = 0;
    // Or tasks that were given their times before it was set back would wait for so long.
    latest_unix_ms_ = std::max(latest_unix_ms_, now().unix_ms);
    set_wall_clock(latest_unix_ms_ - now().unix_ms);
}

void BrokerHost::submit(protocol::Submit submit) {
    watch_.heard(asker_, submit, now());
    watch_.awake(now());
    life_->scheduler().handle(broker::FrontendMessage{asker_, std::move(submit)}, now());
    turn();
}

void BrokerHost::settle() {
    do {
        did_something_ = false;
        turn();
    } while (is_up() && did_something_);
}

void BrokerHost::finish_disk_work() {
    const auto is_busy = [this] {
        return journal_->has_work() || journal_->wants_flush() || life_->has_more();
    };
    while (is_up() && is_busy() && !journal_->failed()) {
        if (journal_->has_work()) {
            journal_->do_next();
        }
        watch_.became_durable(journal_->durable());
        turn();
    }
}

protocol::Answer BrokerHost::ask(protocol::Query query) {
    // Nobody is told of tasks before they are durable: the disk is quick now.
    finish_disk_work();
    if (!is_up()) {
        return {};
    }
    query.limit = plan_.settings.query_rows_max;
    answers_.clear();
    auto& scheduler = life_->scheduler();
    watch_.awake(now());
    scheduler.handle(broker::FrontendMessage{asker_, protocol::Hello{"watch"}}, now());
    scheduler.handle(broker::FrontendMessage{asker_, std::move(query)}, now());
    turn();
    finish_disk_work();
    for (protocol::Message& message : answers_) {
        if (auto* const answer = std::get_if<protocol::Answer>(&message)) {
            return std::move(*answer);
        }
    }
    return {};
}

}  // namespace penstock::simulation
