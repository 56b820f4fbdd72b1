#include "tests/unit/broker/core/random_walk/walk.hpp"

#include <algorithm>

#include "tests/unit/broker/core/random_walk/checks.hpp"

namespace penstock::broker::walk {
namespace {

// Small limits, so that a short walk reaches them; which ones depends on the seed.
Settings settings_for(std::uint64_t seed) {
    Dice dice(seed + 1'000'000);
    Settings settings;
    settings.queue_tasks_max = 40 + dice.below(100);
    settings.queue_bytes_max = dice.chance(50) ? 2'000 : 1U << 20U;
    settings.tasks_max = dice.chance(30) ? 90 : 10'000'000;
    settings.bytes_max = dice.chance(30) ? 3'000 : 1U << 30U;
    settings.batch_max = 1 + dice.below(20);
    settings.waiting_leases_max = static_cast<std::uint32_t>(dice.below(30));
    settings.results_bytes_max = dice.chance(30) ? 500 : 1U << 20U;
    settings.finished_tasks_max = dice.chance(20) ? 50 : 1'000'000;
    settings.query_scan_max = dice.chance(30) ? 100 : 100'000;
    return settings;
}

}  // namespace

Walk::Walk(std::uint64_t seed) : world_(settings_for(seed), seed) {
    for (std::uint64_t number = 0; number < 3; ++number) {
        clients_.emplace_back(world_, number);
    }
    for (int n = 0; n < 3; ++n) {
        hire(false);
    }
    reporter_ = world_.open(Port::backend);
    world_.send(reporter_, protocol::Hello{"reporter"});
}

void Walk::run(int steps) {
    for (int n = 0; n < steps && faults().empty(); ++n) {
        step();
        if (n % 250 == 249) {
            recount(world_);
        }
    }
    if (faults().empty()) {
        make_peace();
        recount(world_);
        check_everything_ended(world_);
    }
    if (faults().empty()) {
        fill_all_slots();
    }
}

void Walk::step() {
    Dice& dice = world_.dice();
    Client& client = clients_[dice.below(clients_.size())];
    const std::size_t worker = dice.below(workers_.size());
    const std::uint64_t what = dice.below(100);
    if (what < 20) {
        client.listen();
        client.act();
    } else if (what < 70) {
        workers_[worker].listen();
        workers_[worker].work();
        if (workers_[worker].runs_deadly() && dice.chance(50)) {
            bury(worker);
        }
    } else if (what < 75) {
        workers_[worker].misbehave();
    } else if (what < 76) {
        bury(worker);
    } else if (what < 80) {
        tell_of_the_dead();
    } else if (what < 83 && workers_.size() < 5) {
        hire(false);
    } else if (what < 90) {
        world_.sync(dice.below(101));
    } else {
        let_time_pass();
    }
    remove_the_gone();
}

void Walk::let_time_pass() {
    Dice& dice = world_.dice();
    if (dice.chance(90)) {
        world_.pass(std::chrono::microseconds(dice.below(20'000)));
        return;
    }
    if (dice.chance(5)) {
        world_.pass(7s);  // nobody is heard of
        return;
    }
    for (std::uint64_t n = dice.below(8); n > 0; --n) {
        world_.pass(500ms);
        everybody_speaks();
    }
}

void Walk::everybody_speaks() {
    for (Client& client : clients_) {
        client.heartbeat();
        client.listen();
    }
    for (Worker& worker : workers_) {
        worker.heartbeat();
        worker.listen();
    }
    world_.send(reporter_, protocol::Heartbeat{});
}

void Walk::hire(bool knows_everything) {
    workers_.emplace_back(world_, ++hired_, knows_everything);
}

void Walk::bury(std::size_t worker) {
    if (!workers_[worker].is_gone()) {
        dead_.push_back(workers_[worker].die());
        dead_.back().number = ++buried_;
    }
}

void Walk::tell_of_the_dead() {
    while (const auto message = world_.receive(reporter_)) {
        if (const auto* noted = std::get_if<protocol::Noted>(&*message)) {
            std::erase_if(dead_, [&](const auto& dead) { return dead.number == noted->number; });
        } else if (std::holds_alternative<protocol::Refusal>(*message)) {
            world_.send(reporter_, protocol::Hello{"reporter"});
        }
    }
    if (!dead_.empty()) {
        world_.send(reporter_, dead_.front());
    }
}

void Walk::remove_the_gone() {
    std::erase_if(workers_, [](const Worker& worker) { return worker.is_gone(); });
    while (workers_.size() < 2) {
        hire(false);
    }
}

void Walk::make_peace() {
    hire(true);
    hire(true);
    constexpr int rounds_max = 1'000;
    for (int round = 0; round < rounds_max && faults().empty(); ++round) {
        peaceful_round();
        const bool content = std::ranges::all_of(clients_, &Client::is_content);
        const auto& tasks = world_.truth().tasks();
        if (content && dead_.empty() &&
            std::ranges::none_of(tasks, [](const auto& task) { return task.second.open; })) {
            return;
        }
    }
    world_.truth().fault("there was no peace: somebody still waits");
}

void Walk::peaceful_round() {
    world_.sync(100);
    world_.pass(500ms);
    world_.sync(100);
    tell_of_the_dead();
    for (std::size_t n = 0; n < workers_.size(); ++n) {
        workers_[n].recover();
        workers_[n].heartbeat();
        workers_[n].listen();
        workers_[n].finish_all();
        if (workers_[n].runs_deadly()) {
            bury(n);
        }
    }
    const std::size_t before = workers_.size();
    remove_the_gone();
    for (std::size_t n = workers_.size(); n < before; ++n) {
        hire(true);
    }
    for (Client& client : clients_) {
        client.heartbeat();
        client.insist();
    }
    world_.send(reporter_, protocol::Heartbeat{});
}

void Walk::fill_all_slots() {
    const Connection prober = world_.open(Port::frontend);
    world_.send(prober, protocol::Hello{"prober"});
    std::uint64_t number = 0;
    for (const std::string type : {"probe", "probe.wait"}) {
        for (const std::string queue : {"default", "night"}) {
            protocol::Submit submit{type, queue, {}, {}};
            for (int n = 0; n < 20; ++n) {
                submit.tasks.push_back({numbered_task(99, ++number), {}});
            }
            world_.send(prober, std::move(submit));
        }
    }
    check_all_slots_are_used(world_);
    recount(world_);
}

std::uint64_t Walk::count_ended(TaskState state) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        const_cast<World&>(world_).truth().tasks(),
        [&](const auto& task) { return !task.second.open && task.second.end == state; }));
}

}  // namespace penstock::broker::walk
