#include "producer/core/send_queue.hpp"

#include <algorithm>

#include "common/model/assert.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;

// The first wait when the broker names none, and the longest that doubling leads to.
constexpr milliseconds first_pause{25};
constexpr milliseconds longest_pause{5000};
constexpr std::uint32_t refusal_doublings_max = 8;

}  // namespace

Lane& SendQueue::join(const Submission& submission) {
    const auto [position, fresh] = lanes_.try_emplace(submission);
    Lane& lane = position->second;
    if (fresh) {
        lane.submission = &position->first;
    }
    ++lane.members;
    return lane;
}

void SendQueue::leave(Lane& lane) {
    PENSTOCK_ASSERT(lane.members > 0);
    if (--lane.members == 0) {
        lanes_.erase(lanes_.find(*lane.submission));
    }
}

void SendQueue::resume(TimePoint now) {
    for (auto& [submission, lane] : lanes_) {
        if (lane.paused_until && *lane.paused_until <= now) {
            lane.paused_until.reset();
        }
    }
}

std::optional<TimePoint> SendQueue::next_resume() const {
    std::optional<TimePoint> earliest;
    for (const auto& [submission, lane] : lanes_) {
        if (lane.paused_until && (!earliest || *lane.paused_until < *earliest)) {
            earliest = lane.paused_until;
        }
    }
    return earliest;
}

Lane* SendQueue::next() {
    auto position = lanes_.upper_bound(last_served_);
    for (std::size_t seen = 0; seen < lanes_.size(); ++seen) {
        if (position == lanes_.end()) {
            position = lanes_.begin();
        }
        Lane& lane = position->second;
        if (!lane.waiting.empty() && !lane.paused_until) {
            last_served_ = position->first;
            return &lane;
        }
        ++position;
    }
    return nullptr;
}

void SendQueue::pause(Lane& lane, milliseconds retry_after, TimePoint now) {
    const std::uint32_t doublings = std::min(lane.refusals, refusal_doublings_max);
    ++lane.refusals;
    const milliseconds floor = std::min(first_pause * (1U << doublings), longest_pause);
    const Duration wait = std::max(retry_after, floor);
    std::uniform_int_distribution<Duration::rep> jitter(0, wait.count() / 2);
    const TimePoint until = now + wait + Duration(jitter(chance_));
    lane.paused_until = std::max(lane.paused_until.value_or(until), until);
}

}  // namespace penstock::client
