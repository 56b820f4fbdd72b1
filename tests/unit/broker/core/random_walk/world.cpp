#include "tests/unit/broker/core/random_walk/world.hpp"

#include <algorithm>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::broker::walk {

TaskId numbered_task(std::uint64_t producer, std::uint64_t number) {
    TaskId id;
    id.bytes[0] = static_cast<std::uint8_t>(producer);
    for (std::size_t at = 0; at < 8; ++at) {
        id.bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    return id;
}

World::World(const Settings& settings, std::uint64_t seed)
    : settings_(settings),
      dice_(seed),
      now_{TimePoint{1h}, 1'700'000'000'000},
      scheduler_(settings, seed, now_),
      asker_(open(Port::frontend)) {
    scheduler_.begin(epoch, 0, now_);
}

Connection World::open(Port port) {
    const Connection connection = lines_.empty() ? 1 : lines_.rbegin()->first + 1;
    lines_[connection] = {port, no_session, true, {}};
    return connection;
}

void World::close(Connection connection) {
    lines_[connection].open = false;
    lines_[connection].inbox.clear();
}

void World::send(Connection connection, protocol::Message message) {
    Line& line = lines_[connection];
    PENSTOCK_ASSERT(line.open);
    if (line.session == no_session) {
        line.session = ++last_session_;
        sessions_[line.session] = connection;
    }
    if (line.port == Port::frontend) {
        scheduler_.handle(FrontendMessage{line.session, std::move(message)}, now_);
    } else {
        scheduler_.handle(BackendMessage{line.session, std::move(message)}, now_);
    }
    turn();
}

std::optional<protocol::Message> World::receive(Connection connection) {
    Line& line = lines_[connection];
    if (line.inbox.empty()) {
        return std::nullopt;
    }
    protocol::Message message = std::move(line.inbox.front());
    line.inbox.pop_front();
    return message;
}

void World::give_up_on(Connection connection) {
    Line& line = lines_[connection];
    if (line.session != no_session) {
        line.inbox.clear();
        scheduler_.handle(SessionLost{line.session}, now_);
        turn();
    }
}

void World::pass(Duration duration) {
    const TimePoint end = now_.steady + duration;
    while (now_.steady < end) {
        const TimePoint next = std::clamp(scheduler_.next_deadline(), now_.steady, end);
        now_.unix_ms +=
            std::chrono::floor<std::chrono::milliseconds>(next).time_since_epoch() / 1ms -
            std::chrono::floor<std::chrono::milliseconds>(now_.steady).time_since_epoch() / 1ms;
        now_.steady = next;
        turn();
    }
}

void World::sync(std::uint64_t percent) {
    const Sequence to = durable_ + (appended_ - durable_) * percent / 100;
    if (to > durable_) {
        durable_ = to;
        scheduler_.handle(BecameDurable{to}, now_);
        turn();
    }
}

protocol::Answer World::ask(protocol::Query query) {
    query.limit = settings_.query_rows_max;
    send(asker_, protocol::Hello{"the walk"});
    send(asker_, std::move(query));
    protocol::Answer answer;
    while (auto message = receive(asker_)) {
        if (auto* told = std::get_if<protocol::Answer>(&*message)) {
            answer = std::move(*told);
        }
    }
    return answer;
}

void World::turn() {
    Effects effects;
    scheduler_.advance(now_, effects);
    carry_out(effects);
}

void World::carry_out(Effects& effects) {
    for (const Record& record : effects.records) {
        truth_.recorded(record, ++appended_);
    }
    for (const Outgoing& outgoing : effects.sends) {
        deliver(outgoing);
    }
    for (const SessionId session : effects.ended) {
        forget(session);
    }
}

void World::deliver(const Outgoing& outgoing) {
    truth_.told(outgoing.message, durable_);
    const auto known = sessions_.find(outgoing.session);
    if (known == sessions_.end() || !lines_[known->second].open) {
        scheduler_.handle(SessionLost{outgoing.session}, now_);
        return;
    }
    lines_[known->second].inbox.push_back(outgoing.message);
}

void World::forget(SessionId session) {
    const auto known = sessions_.find(session);
    if (known != sessions_.end()) {
        lines_[known->second].session = no_session;
        sessions_.erase(known);
    }
}

}  // namespace penstock::broker::walk
