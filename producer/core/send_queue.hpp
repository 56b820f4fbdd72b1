// The tasks that wait to be sent: in order within a lane (one type, queue and set of options,
// which is what one SUBMIT can carry), the lanes in turn. A lane whose queue is full pauses.
//
// Pure: time is handed in, chance comes from a seed. Thread rule: owned by one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "common/model/time.hpp"
#include "producer/core/submission.hpp"

namespace penstock::client {

struct Lane {
    std::deque<TaskId> waiting;
    // Unconfirmed tasks of this lane, waiting or sent; the lane goes when none is left.
    std::size_t members = 0;
    std::optional<TimePoint> paused_until;
    std::uint32_t refusals = 0;  // in a row
    const Submission* submission = nullptr;
};

class SendQueue {
  public:
    explicit SendQueue(std::uint64_t seed) : chance_(seed) {}
    SendQueue(const SendQueue&) = delete;
    SendQueue& operator=(const SendQueue&) = delete;

    // The lane of a submission, made if need be. It stays where it is until leave() has been
    // called as often as join().
    [[nodiscard]] Lane& join(const Submission& submission);
    // The same for who has it: counts as another join().
    static void join(Lane& lane) { ++lane.members; }
    void leave(Lane& lane);

    // Ends the pauses that are over.
    void resume(TimePoint now);
    // When the first pause ends.
    [[nodiscard]] std::optional<TimePoint> next_resume() const;
    // The next lane that has something to send and is not paused, each in its turn; or null.
    [[nodiscard]] Lane* next();

    // Pauses for `retry_after`, or longer when refused again and again, plus up to a half at
    // random, so that producers do not come back all at once.
    void pause(Lane& lane, std::chrono::milliseconds retry_after, TimePoint now);
    // The queue takes tasks again.
    static void forgive(Lane& lane) { lane.refusals = 0; }

  private:
    std::map<Submission, Lane> lanes_;
    Submission last_served_;
    std::mt19937_64 chance_;
};

}  // namespace penstock::client
