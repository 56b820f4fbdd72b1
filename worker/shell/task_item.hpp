// One piece of work on its way between the socket thread and a slot's thread.
//
// Thread rule: shared by exactly those two. `work` belongs to whoever won the claim; the flags are
// for both.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "worker/core/effect.hpp"

namespace penstock::worker {

class TaskItem {
  public:
    // Exactly one of the two callers wins: the slot, to run it, or the socket thread, to take it
    // back.
    [[nodiscard]] bool claim() { return !claimed_.exchange(true, std::memory_order_acq_rel); }

    Work work;
    // Guarded by the slot's mutex, which its handler waits with.
    bool cancelled = false;

  private:
    std::atomic<bool> claimed_{false};
};

// What is handed over together lies together, so that no task costs an allocation of its own.
using TaskItems = std::vector<TaskItem>;
// Null: the thread ends.
using TaskBatch = std::shared_ptr<TaskItems>;

}  // namespace penstock::worker
