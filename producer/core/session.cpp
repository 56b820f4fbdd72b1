#include "producer/core/session.hpp"

#include <algorithm>

namespace penstock::client {
namespace {

using std::chrono::milliseconds;

// PROTOCOL.md, section 5.
constexpr milliseconds welcome_timeout{3000};
constexpr milliseconds first_backoff{250};
constexpr milliseconds longest_backoff{15'000};
constexpr std::uint32_t reconnect_doublings_max = 6;
// A socket cannot say when it is connected, so HELLO is tried again: soon at first, so that a
// command on one machine starts at once, rarely later.
constexpr milliseconds first_hello_pause{1};
constexpr milliseconds longest_hello_pause{100};

}  // namespace

Session::Action Session::advance(TimePoint now) {
    if (const auto* closed = std::get_if<Closed>(&state_)) {
        if (now < closed->retry_at) {
            return Action::nothing;
        }
        state_ = Greeting{now, first_hello_pause, std::nullopt};
        return Action::connect;
    }
    if (const auto* greeting = std::get_if<Greeting>(&state_)) {
        if (greeting->give_up) {
            return now < *greeting->give_up ? Action::nothing : close(now + next_backoff());
        }
        return now < greeting->hello_at ? Action::nothing : Action::hello;
    }
    if (const auto* open = std::get_if<Open>(&state_)) {
        if (now >= open->last_heard + open->liveness) {
            return close(now);
        }
        return now < open->last_spoke + open->heartbeat ? Action::nothing : Action::heartbeat;
    }
    return Action::nothing;
}

std::optional<TimePoint> Session::next_deadline() const {
    if (const auto* closed = std::get_if<Closed>(&state_)) {
        return closed->retry_at;
    }
    if (const auto* greeting = std::get_if<Greeting>(&state_)) {
        return greeting->give_up.value_or(greeting->hello_at);
    }
    if (const auto* open = std::get_if<Open>(&state_)) {
        return std::min(open->last_heard + open->liveness, open->last_spoke + open->heartbeat);
    }
    return std::nullopt;
}

void Session::hello_sent(bool sent, TimePoint now) {
    auto* const greeting = std::get_if<Greeting>(&state_);
    if (greeting == nullptr) {
        return;
    }
    if (sent) {
        greeting->give_up = now + welcome_timeout;
        return;
    }
    greeting->hello_at = now + greeting->pause;
    greeting->pause = std::min<Duration>(greeting->pause * 2, longest_hello_pause);
}

void Session::welcomed(const BrokerTerms& terms, TimePoint now) {
    if (is_refused()) {
        return;
    }
    failures_ = 0;
    state_ = Open{terms.heartbeat, terms.liveness, now, now};
}

void Session::heard(TimePoint now) {
    if (auto* const open = std::get_if<Open>(&state_)) {
        open->last_heard = now;
    }
}

void Session::spoke(TimePoint now) {
    if (auto* const open = std::get_if<Open>(&state_)) {
        open->last_spoke = now;
    }
}

bool Session::lost(TimePoint now) {
    if (!is_open()) {
        return false;
    }
    state_ = Greeting{now, first_hello_pause, std::nullopt};
    return true;
}

void Session::refused() {
    state_ = Refused{};
}

Session::Action Session::close(TimePoint retry_at) {
    state_ = Closed{retry_at};
    return Action::disconnect;
}

Duration Session::next_backoff() {
    const std::uint32_t doublings = std::min(failures_, reconnect_doublings_max);
    ++failures_;
    const Duration longest = std::min<Duration>(first_backoff * (1U << doublings), longest_backoff);
    std::uniform_int_distribution<Duration::rep> jitter(longest.count() / 2, longest.count());
    return Duration(jitter(chance_));
}

}  // namespace penstock::client
