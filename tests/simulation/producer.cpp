#include "tests/simulation/producer.hpp"

#include <algorithm>
#include <utility>

namespace penstock::simulation {

using std::chrono::milliseconds;

namespace {

client::PendingLimits draw_limits(Chance& chance) {
    client::PendingLimits limits;
    limits.window_tasks = 1 + chance.index(60);
    limits.window_bytes = chance.percent(30) ? 2'000 : std::size_t{1} << 20U;
    limits.batch_bytes = chance.percent(30) ? 500 : std::size_t{1} << 16U;
    limits.unreachable_timeout = chance.percent(50) ? milliseconds(0) : milliseconds(5'000);
    limits.busy_timeout = chance.percent(50) ? milliseconds(0) : milliseconds(2'000);
    return limits;
}

}  // namespace

Producer::Producer(const Plan& plan, Agenda& agenda, Network& network, Watch& watch,
                   Errands& errands, Shared& shared, std::size_t number, Chance chance)
    : Party("producer " + std::to_string(number)),
      plan_(plan),
      agenda_(agenda),
      watch_(watch),
      errands_(errands),
      shared_(shared),
      chance_(chance),
      clock_(0, chance_.time(second, 90'000 * second), first_unix_ms, draw_drift(plan, chance_)),
      line_(network, *this, Port::frontend) {
    agenda_.add_for_any_life(0, *this, starts);
}

void Producer::happens(std::uint32_t what, std::uint64_t detail) {
    switch (what) {
        case starts: start(); return;
        case does_something: do_something(); break;
        case Line::arrival:
            if (std::optional<protocol::Message> message = line_.take(detail)) {
                hear(*std::move(message));
            }
            break;
        case Line::connecting: static_cast<void>(line_.connect()); break;
        default: break;
    }
    turn();
}

void Producer::start() {
    begin_life();
    session_.emplace(chance_.next());
    const client::PendingLimits limits = draw_limits(chance_);
    tasks_.emplace(limits, chance_.next());
    requests_.emplace(limits.unreachable_timeout, limits.unreachable);
    task_effects_ = {};
    request_effects_ = {};
    asks_.clear();
    cancels_.clear();
    handed_over_ = 0;
    wakes_at_ = 0;
    for (auto& [number, want] : wants_) {
        want.asks = 0;
        // Whether it was told the receipt before it died, it may have noted or not.
        want.confirmed = want.confirmed && chance_.percent(50);
    }
    agenda_.add(agenda_.now() + millisecond, *this, does_something);
    turn();
}

void Producer::kill() {
    if (!session_) {
        return;
    }
    line_.close(chance_.percent(50));
    session_.reset();
    begin_life();
    agenda_.add_for_any_life(agenda_.now() + chance_.time(millisecond, 2 * second), *this, starts);
}

void Producer::turn() {
    const TimePoint now = this->now();
    drive_session(now);
    tasks_->advance(now, task_effects_);
    requests_->advance(now, request_effects_);
    send_effects(now);
    take_notices();
    wake_when_due();
}

void Producer::wake_when_due() {
    std::optional<TimePoint> due = session_->next_deadline();
    for (const auto& other : {tasks_->next_deadline(), requests_->next_deadline()}) {
        due = due && other ? std::min(*due, *other) : (due ? due : other);
    }
    const Nanos at = due ? std::max(clock_.when(*due), agenda_.now() + microsecond) : 0;
    if (due && (wakes_at_ <= agenda_.now() || at < wakes_at_)) {
        wakes_at_ = at;
        agenda_.add(at, *this, wakes);
    }
}

void Producer::drive_session(TimePoint now) {
    while (true) {
        switch (session_->advance(now)) {
            case client::Session::Action::nothing: return;
            case client::Session::Action::connect: line_.open(); break;
            case client::Session::Action::hello:
                session_->hello_sent(send(protocol::Hello{name()}, now), now);
                break;
            case client::Session::Action::heartbeat:
                if (!send(protocol::Heartbeat{}, now)) {
                    lose_session(now);
                }
                break;
            case client::Session::Action::disconnect:
                line_.close(true);
                tasks_->session_lost(now);
                requests_->session_lost(now);
                break;
        }
    }
}

void Producer::lose_session(TimePoint now) {
    if (session_->lost(now)) {
        tasks_->session_lost(now);
        requests_->session_lost(now);
    }
}

bool Producer::send(protocol::Message message, TimePoint now) {
    if (!line_.send(std::move(message))) {
        return false;
    }
    session_->spoke(now);
    return true;
}

void Producer::hear(protocol::Message message) {
    const TimePoint now = this->now();
    session_->heard(now);
    if (auto* const results = std::get_if<protocol::ResultBatch>(&message)) {
        tasks_->results(std::move(results->results), task_effects_);
    } else if (const auto* const receipt = std::get_if<protocol::Receipt>(&message)) {
        tasks_->receipt(receipt->ids, receipt->durability, task_effects_);
    } else if (const auto* const refusal = std::get_if<protocol::Refusal>(&message)) {
        hear_refusal(*refusal, now);
    } else if (const auto* const welcome = std::get_if<protocol::Welcome>(&message)) {
        const client::BrokerTerms terms{welcome->epoch,          welcome->broker_version,
                                        welcome->heartbeat,      welcome->liveness,
                                        welcome->body_max_bytes, welcome->batch_max};
        session_->welcomed(terms, now);
        tasks_->session_started(terms, now);
        requests_->session_started(terms, request_effects_);
    } else if (const auto* const cancelling = std::get_if<protocol::Cancelling>(&message)) {
        requests_->cancelling(cancelling->ids, request_effects_);
    } else if (auto* const answer = std::get_if<protocol::Answer>(&message)) {
        requests_->answer(std::move(*answer), request_effects_);
    }
}

void Producer::hear_refusal(const protocol::Refusal& refusal, TimePoint now) {
    if (!refusal.ids.empty()) {
        tasks_->refusal(refusal.error, refusal.retry_after, refusal.ids, now, task_effects_);
        requests_->refusal(refusal.error, refusal.ids, request_effects_);
    } else if (refusal.error.code == ErrorCode::no_session) {
        lose_session(now);
    } else {
        watch_.verdict().violated(Invariant::one_answer_per_ask,
                                  name() + " is refused a message: " + refusal.error.message);
    }
}

void Producer::send_effects(TimePoint now) {
    const auto deliver = [&](protocol::Message message) {
        if (session_->is_open() && !send(std::move(message), now)) {
            lose_session(now);
        }
    };
    for (client::SubmitBatch& batch : std::exchange(task_effects_.submits, {})) {
        protocol::Submit submit{std::move(batch.submission.type),
                                std::move(batch.submission.queue),
                                batch.submission.options,
                                {}};
        for (client::NewTask& task : batch.tasks) {
            submit.tasks.push_back({task.id, std::move(task.body)});
        }
        deliver(std::move(submit));
    }
    for (std::vector<TaskId>& ids : std::exchange(task_effects_.awaits, {})) {
        deliver(protocol::Await{std::move(ids)});
    }
    for (std::vector<TaskId>& ids : std::exchange(request_effects_.cancels, {})) {
        deliver(protocol::Cancel{std::move(ids)});
    }
    for (client::Question& question : std::exchange(request_effects_.questions, {})) {
        std::visit([&](auto& known) { deliver(std::move(known)); }, question);
    }
}

void Producer::take_notices() {
    handed_over_ -= std::exchange(task_effects_.released_tasks, 0);
    task_effects_.released_bytes = 0;
    for (client::Notice& notice : std::exchange(task_effects_.notices, {})) {
        take(std::move(notice));
    }
    for (const client::RequestNotice& notice : std::exchange(request_effects_.notices, {})) {
        take(notice);
    }
}

void Producer::take(client::Notice notice) {
    const ErrandNumber number = number_of(notice.id);
    const auto ask = asks_.find(notice.ticket);
    const auto open = ask == asks_.end() ? std::map<ErrandNumber, int>::iterator()
                                         : ask->second.open.find(number);
    if (ask == asks_.end() || open == ask->second.open.end()) {
        watch_.verdict().violated(
            Invariant::one_answer_per_ask,
            name() + " is answered twice about task " + std::to_string(number));
        return;
    }
    const bool for_receipt = ask->second.interest == client::Interest::receipt;
    if (--open->second == 0) {
        ask->second.open.erase(open);
    }
    if (ask->second.open.empty()) {
        asks_.erase(ask);
    }
    Want& want = wants_[number];
    --want.asks;
    if (const auto* const result = std::get_if<TaskResult>(&notice.what)) {
        take(*result, want);
    } else if (const auto* const error = std::get_if<Error>(&notice.what)) {
        take(*error, number, want);
    } else {
        want.confirmed = true;
        if (!for_receipt) {
            watch_.verdict().violated(Invariant::one_answer_per_ask,
                                      name() + " gets a receipt where it asked for an end");
        }
    }
}

void Producer::take(const TaskResult& result, Want& want) {
    // What was kept in memory may have run anew under another broker.
    const bool may_change = is_in_memory(errands_[number_of(result.id)]);
    const bool again = want.has_result && want.end != result.state && !may_change;
    if (again || !is_final(result.state)) {
        watch_.verdict().violated(
            Invariant::one_end,
            "task " + std::to_string(number_of(result.id)) + " has two ends, or one that is none");
    }
    want.confirmed = true;
    want.ended = true;
    want.has_result = true;
    want.end = result.state;
}

void Producer::take(const Error& error, ErrandNumber number, Want& want) {
    const bool lost = error.code == ErrorCode::broker_restarted && is_in_memory(errands_[number]);
    // Checked where they are told.
    if (error.code == ErrorCode::result_expired || error.code == ErrorCode::expired) {
        want.ended = true;  // it did, or nobody can tell any more
    } else if (error.code == ErrorCode::not_found || lost) {
        // It may have been forgotten, or was never accepted.
        want.ended = want.ended || (want.confirmed && plan_.forgets);
        want.confirmed = false;
    } else if (error.code != ErrorCode::busy && error.code != ErrorCode::disk_full &&
               error.code != ErrorCode::unavailable) {
        watch_.verdict().violated(
            Invariant::one_answer_per_ask,
            "task " + std::to_string(number) + " is refused: " + error.message);
    }
}

void Producer::take(const client::RequestNotice& notice) {
    if (cancels_.erase(notice.ticket) != 1) {
        watch_.verdict().violated(Invariant::one_answer_per_ask, name() + " is answered twice");
    }
}

bool Producer::is_content() const {
    return session_ && std::ranges::all_of(wants_, [](const auto& want) {
               return want.second.ended && want.second.asks == 0;
           });
}

bool Producer::holds_nothing() const {
    return tasks_->size() == 0 && handed_over_ == 0 && asks_.empty() && cancels_.empty();
}

std::optional<ErrandNumber> Producer::missing() const {
    for (const auto& [number, want] : wants_) {
        if (!want.ended || want.asks > 0) {
            return number;
        }
    }
    return std::nullopt;
}

}  // namespace penstock::simulation
