#include "worker/core/link.hpp"

#include <algorithm>

namespace penstock::worker {

Link::Due Link::due(TimePoint now) {
    if (now < next_due()) {
        return Due::nothing;
    }
    switch (state_) {
        case State::waiting: return Due::connect;
        case State::joining: dropped(now); return Due::disconnect;
        case State::joined: break;
    }
    if (now - last_heard_ >= limits_.liveness) {
        dropped(now);
        return Due::disconnect;
    }
    last_beat_ = now;
    return Due::heartbeat;
}

TimePoint Link::next_due() const {
    switch (state_) {
        case State::waiting: return since_;
        case State::joining: return since_ + limits_.welcome_within;
        case State::joined: break;
    }
    // Also when only the broker is silent: its answer to the heartbeat is the sign of life that
    // a worker with much to say and nothing to be told waits for.
    const TimePoint quiet_since = std::min(last_sent_, last_heard_);
    const TimePoint beat = std::max(quiet_since, last_beat_) + limits_.heartbeat;
    return std::min(beat, last_heard_ + limits_.liveness);
}

void Link::started(TimePoint now) {
    state_ = State::joining;
    since_ = now;
}

void Link::welcomed(TimePoint now, Duration heartbeat, Duration liveness) {
    state_ = State::joined;
    pause_ = Duration::zero();
    limits_.heartbeat = std::max<Duration>(heartbeat, std::chrono::milliseconds(10));
    limits_.liveness = std::max(liveness, 2 * limits_.heartbeat);
    last_heard_ = now;
    last_sent_ = now;
    last_beat_ = now;
}

void Link::dropped(TimePoint now) {
    state_ = State::waiting;
    pause_ =
        pause_ == Duration::zero() ? limits_.pause_first : std::min(pause_ * 2, limits_.pause_max);
    std::uniform_int_distribution<Duration::rep> shortening(0, pause_.count() / 2);
    since_ = now + pause_ - Duration(shortening(chance_));
}

}  // namespace penstock::worker
