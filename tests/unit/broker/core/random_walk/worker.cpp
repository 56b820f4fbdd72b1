#include "tests/unit/broker/core/random_walk/worker.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace penstock::broker::walk {

Worker::Worker(World& world, std::uint64_t number, bool knows_everything) : world_(&world) {
    Dice& dice = world.dice();
    for (std::size_t at = 0; at < 8; ++at) {
        join_.worker.bytes[at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    join_.site = {"host", static_cast<std::uint32_t>(number), 0};
    join_.slots = {1 + static_cast<std::uint32_t>(dice.below(3)),
                   1 + static_cast<std::uint32_t>(dice.below(2))};
    join_.types = {{"quick", SlotClass::cpu},
                   {"slow", SlotClass::cpu},
                   {"idle", SlotClass::wait},
                   {"probe", SlotClass::cpu},
                   {"probe.wait", SlotClass::wait}};
    if (!knows_everything && dice.chance(40)) {
        join_.types.erase(join_.types.begin() + static_cast<std::ptrdiff_t>(dice.below(3)));
    }
    if (!knows_everything && dice.chance(30)) {
        join_.queues = {dice.chance(50) ? "default" : "night"};
    }
    reconnect();
}

void Worker::reconnect() {
    if (connection_ != no_connection) {
        world_->close(connection_);
    }
    connection_ = world_->open(Port::backend);
    join();
}

void Worker::join() {
    join_.held.clear();
    for (const Given& given : waiting_) {
        join_.held.push_back(given.lease);
    }
    for (const Given& given : running_) {
        join_.held.push_back(given.lease);
    }
    for (const auto& [task, outcome] : unsettled_) {
        join_.held.push_back(outcome.lease);
    }
    say(join_);
    for (const auto& [task, outcome] : std::map(unsettled_)) {
        report(outcome);
    }
    if (draining_) {
        say(protocol::Drain{});
    }
}

void Worker::say(protocol::Message message) {
    if (!silent_ && !gone_) {
        world_->send(connection_, std::move(message));
    }
}

void Worker::heartbeat() {
    say(protocol::Heartbeat{});
}

void Worker::listen() {
    if (silent_ || gone_) {
        return;
    }
    while (const auto message = world_->receive(connection_)) {
        if (const auto* dispatch = std::get_if<protocol::Dispatch>(&*message)) {
            take(*dispatch);
        } else if (const auto* settled = std::get_if<protocol::Settled>(&*message)) {
            forget(*settled);
        } else if (const auto* recall = std::get_if<protocol::Recall>(&*message)) {
            give_back(*recall);
        } else if (const auto* order = std::get_if<protocol::Stop>(&*message)) {
            stop(*order);
        } else if (const auto* refusal = std::get_if<protocol::Refusal>(&*message)) {
            if (refusal->error.code == ErrorCode::no_session) {
                join();
            }
        }
    }
    start();
}

void Worker::take(const protocol::Dispatch& dispatch) {
    for (const protocol::DispatchGroup& group : dispatch.groups) {
        const bool waits = group.type == "idle" || group.type == "probe.wait";
        for (const protocol::Assignment& assignment : group.tasks) {
            waiting_.push_back({assignment.lease, waits ? SlotClass::wait : SlotClass::cpu,
                                group.type == "quick", false});
        }
    }
    if (draining_) {
        give_all_back();
    }
}

void Worker::give_all_back() {
    protocol::Returned returned{epoch, {}};
    for (const Given& given : waiting_) {
        returned.leases.push_back(given.lease);
    }
    waiting_.clear();
    say(std::move(returned));
}

void Worker::start() {
    for (std::size_t at = 0; at < waiting_.size();) {
        const SlotClass slot_class = waiting_[at].slot_class;
        const auto busy = std::ranges::count(running_, slot_class, &Given::slot_class);
        if (static_cast<std::uint32_t>(busy) >= join_.slots[static_cast<std::size_t>(slot_class)]) {
            ++at;
            continue;
        }
        running_.push_back(waiting_[at]);
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    }
}

void Worker::give_back(const protocol::Recall& recall) {
    protocol::Returned returned{epoch, {}};
    for (const Lease& lease : recall.leases) {
        if (std::erase_if(waiting_, [&](const Given& given) { return given.lease == lease; }) > 0) {
            returned.leases.push_back(lease);
        }
    }
    say(std::move(returned));
}

void Worker::stop(const protocol::Stop& order) {
    for (const Lease& lease : order.leases) {
        for (Given& given : running_) {
            given.stopping = given.stopping || given.lease == lease;
        }
        if (std::erase_if(waiting_, [&](const Given& given) { return given.lease == lease; }) > 0) {
            report({lease, 0, 0us, Error{ErrorCode::cancelled, "before it began"}, {}});
        }
    }
}

void Worker::forget(const protocol::Settled& settled) {
    for (const TaskId& id : settled.ids) {
        unsettled_.erase(id);
    }
}

void Worker::report(const protocol::Outcome& outcome) {
    unsettled_[outcome.lease.task] = outcome;
    say(protocol::OutcomeBatch{epoch, {outcome}});
}

void Worker::finish(std::size_t position, std::optional<Error> error) {
    const Given given = running_[position];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(position));
    protocol::Outcome outcome{given.lease, 0, given.quick ? 100us : 60s, std::move(error), {}};
    if (!outcome.error) {
        outcome.output.args = Truth::proof(given.lease);
    }
    old_stories_.push_back(outcome);
    report(outcome);
    start();
}

void Worker::work() {
    Dice& dice = world_->dice();
    if (running_.empty() || gone_) {
        return;
    }
    const std::size_t position = dice.below(running_.size());
    if (is_deadly(running_[position].lease.task)) {
        return;
    }
    if (running_[position].stopping && dice.chance(70)) {
        finish(position, Error{ErrorCode::cancelled, "as you wish"});
        return;
    }
    switch (dice.below(10)) {
        case 0: finish(position, Error{ErrorCode::failed, "not today"}); return;
        case 1: finish(position, Error{ErrorCode::rejected, "never"}); return;
        case 2:
            say(protocol::Progress{epoch,
                                   {{running_[position].lease, 500, std::string("half way")}}});
            return;
        default: finish(position, std::nullopt); return;
    }
}

void Worker::misbehave() {
    Dice& dice = world_->dice();
    switch (dice.below(8)) {
        case 0: silent_ = true; return;
        case 1: recover(); return;
        case 2: reconnect(); return;
        case 3: world_->give_up_on(connection_); return;
        case 4: join(); return;
        case 5:
            if (!silent_ && dice.chance(30)) {
                leave();
            }
            return;
        default: tell_an_old_story(); return;
    }
}

void Worker::recover() {
    if (silent_) {
        silent_ = false;
        reconnect();
    }
}

// Outcomes of leases that have ended, or never were.
void Worker::tell_an_old_story() {
    if (old_stories_.empty()) {
        return;
    }
    Dice& dice = world_->dice();
    protocol::Outcome story = old_stories_[dice.below(old_stories_.size())];
    if (unsettled_.contains(story.lease.task)) {
        return;  // it may be the current one
    }
    switch (dice.below(5)) {
        case 0: ++story.lease.attempt; break;
        case 1: story.lease.nonce ^= 1; break;
        case 2: --story.lease.epoch.value; break;
        default: break;
    }
    story.output.args = SharedBytes::copy_of("an old story");
    say(protocol::OutcomeBatch{story.lease.epoch, {story}});
}

void Worker::leave() {
    say(protocol::Drain{});
    draining_ = true;
    give_all_back();
    if (world_->dice().chance(50)) {
        say(protocol::Goodbye{});
        gone_ = true;
    }
}

protocol::Obituary Worker::die() {
    Dice& dice = world_->dice();
    protocol::Obituary obituary;
    obituary.worker = join_.worker;
    obituary.cause = protocol::DeathCause::signalled;
    obituary.epoch = epoch;
    for (const Given& given : running_) {
        protocol::Fate fate = protocol::Fate::running;
        if (given.stopping) {
            fate = protocol::Fate::being_cancelled;
        } else if (!is_deadly(given.lease.task) && dice.chance(20)) {
            fate = protocol::Fate::over_time_limit;
        }
        obituary.started.push_back({given.lease, fate});
    }
    world_->close(connection_);
    gone_ = true;
    return obituary;
}

bool Worker::runs_deadly() const {
    return std::ranges::any_of(running_,
                               [](const Given& given) { return is_deadly(given.lease.task); });
}

void Worker::finish_all() {
    while (!running_.empty() && !runs_deadly()) {
        finish(running_.size() - 1, std::nullopt);
    }
    if (draining_ && running_.empty() && unsettled_.empty() && !gone_) {
        say(protocol::Goodbye{});
        gone_ = true;
    }
}

}  // namespace penstock::broker::walk
