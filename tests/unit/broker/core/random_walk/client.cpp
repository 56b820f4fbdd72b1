#include "tests/unit/broker/core/random_walk/client.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace penstock::broker::walk {

void Client::reconnect() {
    if (connection_ != no_connection) {
        world_.close(connection_);
    }
    connection_ = world_.open(Port::frontend);
    start_afresh();
}

void Client::start_afresh() {
    asked_.clear();
    waits_.clear();
    world_.send(connection_, protocol::Hello{"client"});
}

void Client::ask(const TaskId& id) {
    const auto known = world_.truth().tasks().find(id);
    const bool may_end_later = known == world_.truth().tasks().end() || known->second.open;
    if (may_end_later && !world_.forgets()) {
        asked_[id] += waits_.insert(id).second ? 1 : 0;
        return;
    }
    ++asked_[id];
}

void Client::take_back(const TaskId& id) {
    if (waits_.erase(id) > 0 || world_.forgets()) {
        asked_[id] = std::max(0, asked_[id] - 1);
    }
}

void Client::look_at_others() {
    const auto& all = world_.truth().tasks();
    if (all.empty()) {
        return;
    }
    const TaskId id =
        std::next(all.begin(), static_cast<std::ptrdiff_t>(world_.dice().below(all.size())))->first;
    ask(id);
    world_.send(connection_, protocol::Await{{id}});
}

void Client::act() {
    Dice& dice = world_.dice();
    switch (dice.below(12)) {
        case 0: reconnect(); return;
        case 1: world_.send(connection_, protocol::Cancel{some_tasks()}); return;
        case 2:
        case 3: await(some_tasks()); return;
        case 4: submit(some_tasks()); return;
        case 5: look_at_others(); return;
        case 6:
            if (dice.chance(20)) {
                world_.give_up_on(connection_);
            }
            return;
        default: submit_new(); return;
    }
}

void Client::submit_new() {
    Dice& dice = world_.dice();
    Wanted wanted;
    wanted.type = std::array{"quick", "slow", "idle"}[dice.below(3)];
    wanted.queue = dice.chance(80) ? "default" : "night";
    wanted.options.max_attempts = static_cast<std::uint32_t>(dice.below(4));
    wanted.options.backoff_base = std::chrono::milliseconds(1 + dice.below(3'000));
    wanted.options.notify = dice.chance(80);
    wanted.bytes = dice.below(100);
    std::vector<TaskId> ids(1 + dice.below(8));
    for (TaskId& id : ids) {
        id = numbered_task(number_, tasks_.size());
        tasks_[id] = wanted;
    }
    submit(ids);
}

void Client::submit(const std::vector<TaskId>& ids) {
    std::vector<protocol::Submit> messages;
    for (const TaskId& id : ids) {
        const Wanted& wanted = tasks_.at(id);
        const auto fits = [&](const protocol::Submit& message) {
            return message.type == wanted.type && message.queue == wanted.queue &&
                   message.options == wanted.options;
        };
        auto message = std::ranges::find_if(messages, fits);
        if (message == messages.end()) {
            messages.push_back({wanted.type, wanted.queue, wanted.options, {}});
            message = std::prev(messages.end());
        }
        const std::string bytes(wanted.bytes, 'x');
        message->tasks.push_back({id, {SharedBytes::copy_of(bytes), {}}});
        if (wanted.options.notify) {
            ask(id);
        }
    }
    for (protocol::Submit& message : messages) {
        world_.send(connection_, std::move(message));
    }
}

void Client::await(const std::vector<TaskId>& ids) {
    for (const TaskId& id : ids) {
        ask(id);
    }
    world_.send(connection_, protocol::Await{ids});
}

std::vector<TaskId> Client::some_tasks() {
    std::vector<TaskId> some;
    for (std::uint64_t n = world_.dice().below(5); n > 0 && !tasks_.empty(); --n) {
        some.push_back(numbered_task(number_, world_.dice().below(tasks_.size())));
    }
    std::ranges::sort(some);
    some.erase(std::unique(some.begin(), some.end()), some.end());
    return some;
}

void Client::listen() {
    while (const auto message = world_.receive(connection_)) {
        if (const auto* receipt = std::get_if<protocol::Receipt>(&*message)) {
            for (const TaskId& id : receipt->ids) {
                tasks_.at(id).confirmed = true;
            }
        } else if (const auto* results = std::get_if<protocol::ResultBatch>(&*message)) {
            hear(*results);
        } else if (const auto* refusal = std::get_if<protocol::Refusal>(&*message)) {
            hear(*refusal);
        }
    }
}

void Client::hear(const protocol::ResultBatch& batch) {
    for (const TaskResult& result : batch.results) {
        if (--asked_[result.id] < 0) {
            world_.truth().fault(to_text(result.id) + ": a result was told more often than asked");
        }
        if (!is_final(result.state)) {
            world_.truth().fault(to_text(result.id) + ": a result that is no end was told");
        }
        const auto own = tasks_.find(result.id);
        if (own == tasks_.end()) {
            continue;
        }
        Wanted& wanted = own->second;
        if (wanted.ended && wanted.end != result.state && !world_.forgets()) {
            world_.truth().fault(to_text(result.id) + " ended in two ways");
        }
        wanted.confirmed = true;
        wanted.ended = true;
        wanted.end = result.state;
    }
}

void Client::hear(const protocol::Refusal& refusal) {
    const ErrorCode code = refusal.error.code;
    if (code == ErrorCode::no_session) {
        start_afresh();
        return;
    }
    for (const TaskId& id : refusal.ids) {
        const auto own = tasks_.find(id);
        if (code == ErrorCode::busy) {
            take_back(id);
        } else if (code == ErrorCode::not_found || code == ErrorCode::result_expired) {
            take_back(id);
            if (own != tasks_.end()) {
                // Forgotten by now, if it was ever accepted.
                own->second.ended = own->second.confirmed;
            }
        } else if (code != ErrorCode::conflict) {
            world_.truth().fault("an unexpected refusal: " + refusal.error.message);
        }
    }
}

void Client::insist() {
    constexpr std::size_t some_max = 40;  // more would be refused anyway
    listen();
    std::vector<TaskId> again;
    std::vector<TaskId> waiting;
    for (const auto& [id, wanted] : tasks_) {
        if (!wanted.confirmed) {
            if (again.size() < some_max) {
                again.push_back(id);
            }
        } else if (!wanted.ended && asked_[id] == 0) {
            waiting.push_back(id);
        }
    }
    submit(again);
    if (!waiting.empty()) {
        await(waiting);
    }
}

bool Client::is_content() const {
    return std::ranges::all_of(tasks_, [](const auto& task) { return task.second.ended; });
}

}  // namespace penstock::broker::walk
