// The threads that run handlers, one per slot. Each has a queue of its own, so that no task waits
// behind a busy thread while another is idle unless it was put there, and can be taken back.
//
// Thread rule: made and called by the socket thread.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/model/task.hpp"
#include "common/model/time.hpp"
#include "common/protocol/message.hpp"
#include "common/transport/handoff.hpp"
#include "worker/core/effect.hpp"
#include "worker/sdk/handler.hpp"
#include "worker/shell/slot_page.hpp"
#include "worker/shell/task_item.hpp"

namespace penstock::worker {

// The end of one attempt.
struct Finished {
    SlotIndex slot = 0;
    protocol::Outcome outcome;
};

using FinishedBatch = std::vector<Finished>;

// Runs one attempt; run_task() but in tests.
using RunTask = std::function<Result<Body>(const Work&, Context&)>;

class ThreadPool {
  public:
    // Requires: `context` and `mark` outlive the pool; at most slots_max slots.
    ThreadPool(transport::Context& context,
               const std::array<std::uint32_t, slot_class_count>& slots, ProcessMark& mark,
               RunTask run_task);
    // Requires: stop() was called and returned true.
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    // Readable when attempts have ended. A slot tells of an end at once, but of those that follow
    // quickly together: waking a thread for each takes longer than a short task.
    [[nodiscard]] transport::HandoffReceiver<FinishedBatch>& finished() { return finished_; }
    // When to call take_finished() even so: a slot may be busy with a long task now and hold back
    // what ended before it. TimePoint::max(): no need.
    [[nodiscard]] TimePoint next_look() const;
    // Ends that have not been taken yet: what slots have told of, or hold back for long enough.
    [[nodiscard]] FinishedBatch take_finished(TimePoint now);

    void hand_over(HandOver batch);
    // The work, if it had not started; now it never will.
    [[nodiscard]] std::optional<Work> take_back(const TakeBack& request);
    // Tells the handler, if it still runs. Cheap and harmless if it does not.
    void cancel(const Cancel& request);
    // The latest progress of each running attempt that has made some since the last call.
    [[nodiscard]] std::vector<protocol::ProgressReport> take_progress();
    // Attempts that were handed over, whose ends were not taken, and that were not taken back.
    [[nodiscard]] std::size_t outstanding() const;
    // Ends and joins the threads. False, with nothing done, if a slot has work: such a process
    // must be left by _exit.
    [[nodiscard]] bool stop();

    struct Slot;

  private:
    [[nodiscard]] std::shared_ptr<TaskItem> find(SlotIndex slot, const Lease& lease) const;
    // The slot has ended these.
    void take(Slot& slot, FinishedBatch& ended, FinishedBatch& into);

    transport::HandoffReceiver<FinishedBatch> finished_;
    std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace penstock::worker
