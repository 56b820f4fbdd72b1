#include "common/process/respawn.hpp"

#include <algorithm>

namespace penstock::process {

Duration RespawnDelay::after_death(Life life, Duration lived) {
    if (life == Life::useful || lived >= limits_.healthy_after) {
        next_.reset();
    }
    const Duration delay = next_.value_or(Duration::zero());
    next_ = next_ ? std::min(*next_ * 2, limits_.delay_max) : limits_.delay_first;
    return delay;
}

void CrashLoop::died(TimePoint now, Life life) {
    if (life == Life::useful) {
        return;
    }
    crashes_.push_back(now);
    if (crashes_.size() > limits_.crashes_max + 1) {
        crashes_.pop_front();
    }
}

bool CrashLoop::degraded(TimePoint now) {
    while (!crashes_.empty() && now - crashes_.front() > limits_.crash_window) {
        crashes_.pop_front();
    }
    return crashes_.size() > limits_.crashes_max;
}

}  // namespace penstock::process
