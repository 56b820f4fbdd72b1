// What the application of a producer does, of its own accord.
#include <algorithm>
#include <utility>

#include "tests/simulation/producer.hpp"

namespace penstock::simulation {

void Producer::do_something() {
    constexpr Nanos insist_every = 300 * millisecond;
    if (peace_ || shared_.deeds_left == 0) {
        insist();
        agenda_.add(agenda_.now() + insist_every, *this, does_something);
        return;
    }
    --shared_.deeds_left;
    switch (chance_.below(12)) {
        case 0: {
            for (const ErrandNumber number : some_of_mine()) {
                cancels_[++last_ticket_] = number;
                requests_->cancel(errands_[number].id, last_ticket_, now());
            }
            break;
        }
        case 1: await(some_of_mine()); break;
        case 5:
            if (errands_.size() > 0) {
                await({static_cast<ErrandNumber>(chance_.index(errands_.size()))});
            }
            break;
        case 2: submit(some_of_mine()); break;
        case 3: {
            protocol::Query query;
            query.what =
                chance_.percent(50) ? protocol::QueryKind::task : protocol::QueryKind::tasks;
            if (const auto mine = some_of_mine(); !mine.empty()) {
                query.id = errands_[mine.front()].id;
            } else {
                query.what = protocol::QueryKind::broker;
            }
            cancels_[++last_ticket_] = 0;
            requests_->ask(query, last_ticket_, now());
            break;
        }
        case 4: insist(); break;
        default: submit_new(); break;
    }
    agenda_.add(agenda_.now() + chance_.time(0, 2 * plan_.between_deeds), *this, does_something);
}

std::vector<ErrandNumber> Producer::some_of_mine() {
    std::vector<ErrandNumber> some;
    for (std::uint64_t n = chance_.below(5); n > 0 && !mine_.empty(); --n) {
        some.push_back(mine_[chance_.index(mine_.size())]);
    }
    std::ranges::sort(some);
    some.erase(std::unique(some.begin(), some.end()), some.end());
    return some;
}

client::Ticket Producer::open_ask(client::Interest interest,
                                  const std::vector<ErrandNumber>& errands) {
    Ask& ask = asks_[++last_ticket_];
    ask.interest = interest;
    for (const ErrandNumber number : errands) {
        ++ask.open[number];
        ++wants_[number].asks;
    }
    return last_ticket_;
}

void Producer::submit_new() {
    std::vector<ErrandNumber> errands;
    const Errand* alike = nullptr;
    for (std::uint64_t n = chance_.between(1, 8); n > 0; --n) {
        alike = &errands_.invent(alike, clock_.at(agenda_.now()).unix_ms);
        errands.push_back(alike->number);
        mine_.push_back(alike->number);
    }
    submit_alike(errands);
}

void Producer::want(const std::vector<ErrandNumber>& errands) {
    mine_.insert(mine_.end(), errands.begin(), errands.end());
    submit(errands);
    turn();
}

// One call hands over tasks of one kind.
void Producer::submit(const std::vector<ErrandNumber>& errands) {
    std::vector<std::vector<ErrandNumber>> kinds;
    for (const ErrandNumber number : errands) {
        const Errand& errand = errands_[number];
        const auto kind = std::ranges::find_if(kinds, [&](const auto& others) {
            const Errand& other = errands_[others.front()];
            return other.type == errand.type && other.queue == errand.queue &&
                   other.options == errand.options;
        });
        if (kind == kinds.end()) {
            kinds.push_back({number});
        } else {
            kind->push_back(number);
        }
    }
    for (const auto& kind : kinds) {
        submit_alike(kind);
    }
}

void Producer::submit_alike(const std::vector<ErrandNumber>& errands) {
    const Errand& first = errands_[errands.front()];
    std::vector<client::NewTask> tasks;
    std::vector<TaskId> ids;
    for (const ErrandNumber number : errands) {
        tasks.push_back({errands_[number].id, errands_[number].body});
        ids.push_back(errands_[number].id);
    }
    handed_over_ += tasks.size();
    const client::Submission submission{first.type, first.queue, first.options};
    const auto interest =
        chance_.percent(70) ? client::Interest::result : client::Interest::receipt;
    tasks_->submit(submission, std::move(tasks), open_ask(interest, errands), interest, now(),
                   task_effects_);
    if (interest == client::Interest::result && chance_.percent(30)) {
        tasks_->watch_receipts(ids, open_ask(client::Interest::receipt, errands), task_effects_);
    }
}

void Producer::await(const std::vector<ErrandNumber>& errands) {
    std::vector<TaskId> ids;
    for (const ErrandNumber number : errands) {
        ids.push_back(errands_[number].id);
    }
    if (!ids.empty()) {
        tasks_->await(ids, open_ask(client::Interest::result, errands), now());
    }
}

// Submits what has no receipt, and asks for every end that it has not heard of.
void Producer::insist() {
    constexpr std::size_t some_max = 30;
    std::vector<ErrandNumber> again;
    std::vector<ErrandNumber> waiting;
    for (const auto& [number, want] : wants_) {
        if (want.ended || want.asks > 0) {
            continue;
        }
        if (!want.confirmed && again.size() < some_max) {
            again.push_back(number);
        } else if (want.confirmed) {
            waiting.push_back(number);
        }
    }
    submit(again);
    await(waiting);
}

}  // namespace penstock::simulation
