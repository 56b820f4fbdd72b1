#include "tests/unit/broker/core/random_walk/client.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace penstock::broker::walk {

void Client::reconnect() {
    if (connection_ != no_connection) {
        world_.close(connection_);
    }
    connection_ = world_.open(Port::frontend);
    asked_.clear();
    world_.send(connection_, protocol::Hello{"client"});
}

void Client::act() {
    Dice& dice = world_.dice();
    switch (dice.below(12)) {
        case 0: reconnect(); return;
        case 1: world_.send(connection_, protocol::Cancel{some_tasks()}); return;
        case 2:
        case 3: await(some_tasks()); return;
        case 4: submit(some_tasks()); return;
        case 5:
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
        asked_[id] += wanted.options.notify ? 1 : 0;
    }
    for (protocol::Submit& message : messages) {
        world_.send(connection_, std::move(message));
    }
}

void Client::await(const std::vector<TaskId>& ids) {
    for (const TaskId& id : ids) {
        ++asked_[id];
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
        Wanted& wanted = tasks_.at(result.id);
        if (--asked_[result.id] < 0) {
            world_.truth().fault(to_text(result.id) + ": a result was told more often than asked");
        }
        if (!is_final(result.state)) {
            world_.truth().fault(to_text(result.id) + ": a result that is no end was told");
        }
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
        asked_.clear();
        world_.send(connection_, protocol::Hello{"client"});
        return;
    }
    for (const TaskId& id : refusal.ids) {
        Wanted& wanted = tasks_.at(id);
        if (code == ErrorCode::busy) {
            asked_[id] -= wanted.options.notify ? 1 : 0;
        } else if (code == ErrorCode::not_found || code == ErrorCode::result_expired) {
            // Forgotten by now, if it was ever accepted.
            wanted.ended = wanted.confirmed;
            asked_[id] = std::max(0, asked_[id] - 1);
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
