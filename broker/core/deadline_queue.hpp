// What is due when. An entry is never removed early: whoever is woken checks whether it is still
// meant (a retry by its task's ticket).
//
// Thread rule: belongs to the scheduler's thread. Cost: O(log n) each.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "broker/core/task.hpp"

namespace penstock::broker {

struct Deadline {
    enum class Kind : std::uint8_t { wake_task, check_waiting_work, housekeeping };

    TimePoint due;
    Kind kind = Kind::housekeeping;
    std::uint32_t index = 0;   // of the task or worker
    std::uint64_t ticket = 0;  // of the task; the worker's session
};

class DeadlineQueue {
  public:
    void add(const Deadline& deadline) {
        heap_.push_back(deadline);
        std::ranges::push_heap(heap_, later);
    }
    [[nodiscard]] std::optional<TimePoint> next() const {
        return heap_.empty() ? std::nullopt : std::optional(heap_.front().due);
    }
    // Takes the earliest entry that is due at or before `now`.
    [[nodiscard]] std::optional<Deadline> pop_due(TimePoint now) {
        if (heap_.empty() || heap_.front().due > now) {
            return std::nullopt;
        }
        std::ranges::pop_heap(heap_, later);
        const Deadline deadline = heap_.back();
        heap_.pop_back();
        return deadline;
    }

  private:
    static bool later(const Deadline& a, const Deadline& b) { return a.due > b.due; }
    std::vector<Deadline> heap_;
};

}  // namespace penstock::broker
