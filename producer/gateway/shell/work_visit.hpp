// A visit that has tasks done: it hands them over, waits for all of them, and cancels what nobody
// wants any more.
#pragma once

#include <vector>

#include "producer/gateway/core/accept.hpp"
#include "producer/gateway/shell/queued_visit.hpp"

namespace penstock::gateway {

// Thread rule: see QueuedVisit. Its place is held until the last task has ended and its result is
// on the disk, whether somebody still waits or not: so long they take memory.
class WorkVisit : public QueuedVisit {
  protected:
    WorkVisit(const Workshop& workshop, Turnstile& turnstile, Patience patience)
        : QueuedVisit(workshop, turnstile), patience_(patience) {}

    // In finish(): waits for a place. Returns until when the caller waits.
    [[nodiscard]] TimePoint wait_for_place();
    // In start(), instead of leave(). Blocks while the broker is behind. Requires: some tasks.
    void hand_over(const char* type, std::vector<client::NewTask> tasks);
    // What the tasks came to, which are completed, in their order; on a thread for the disk.
    [[nodiscard]] virtual http::Reply reply_of(const std::vector<TaskResult>& results) const = 0;

  private:
    void stop_work() override;
    std::optional<TimePoint> be_late() override;

    void accepted(const TaskId& id, const Result<client::Receipt>& receipt);
    void note_receipt(const TaskId& id);
    void finished(Result<TaskResult> result);
    // True for the last thing that the client has to say.
    [[nodiscard]] bool count_down();
    void conclude();
    // Ends with this, and without the other tasks.
    void fail(const Problem& problem);
    // Requires: the visit has ended.
    void cancel_all();

    const Patience patience_;
    // Under the mutex.
    std::vector<TaskId> ids_;          // handed over, while the visit has not ended
    std::vector<TaskResult> results_;  // those that have come, and are wanted
    std::size_t unaccepted_ = 0;       // tasks without a receipt
    std::size_t open_ = 0;             // those that the client still has something to say of
    bool late_ = false;      // the caller's wait is over; it hears whether there is a task
    bool unwanted_ = false;  // what turns out to be accepted is to be cancelled
};

}  // namespace penstock::gateway
