// What is due when, by either clock. Whoever is woken checks whether the entry is still meant: one
// that is not any more is void, and removed when it is due or when half are void.
//
// Thread rule: belongs to the scheduler's thread. Cost: O(log n) each, amortised.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "broker/core/task.hpp"

namespace penstock::broker {

// By the steady clock.
struct Deadline {
    enum class Kind : std::uint8_t { wake_task, check_waiting_work, housekeeping };

    TimePoint due;
    Kind kind = Kind::housekeeping;
    std::uint32_t index = 0;   // of the task or worker
    std::uint64_t ticket = 0;  // of the task; the worker's session
};

// By the wall clock, which people set: a task may start, or expires.
struct Appointment {
    std::int64_t due = 0;  // Unix milliseconds
    TaskIndex task = no_index;
};

template <typename Entry>
class DueQueue {
  public:
    using Time = decltype(Entry::due);

    void add(const Entry& entry) {
        heap_.push_back(entry);
        std::ranges::push_heap(heap_, later);
    }
    [[nodiscard]] std::optional<Time> next() const {
        return heap_.empty() ? std::nullopt : std::optional(heap_.front().due);
    }
    // Takes the earliest entry that is due at or before `now`.
    [[nodiscard]] std::optional<Entry> pop_due(Time now) {
        if (heap_.empty() || heap_.front().due > now) {
            return std::nullopt;
        }
        std::ranges::pop_heap(heap_, later);
        const Entry entry = heap_.back();
        heap_.pop_back();
        return entry;
    }

    // One more entry may have become void. `is_meant` tells of any entry whether it is not.
    template <typename IsMeant>
    void note_void(const IsMeant& is_meant) {
        if (++void_max_ * 2 > heap_.size()) {
            std::erase_if(heap_, [&](const Entry& entry) { return !is_meant(entry); });
            std::ranges::make_heap(heap_, later);
            void_max_ = 0;
        }
    }
    // Void entries are counted, too.
    [[nodiscard]] std::size_t size() const { return heap_.size(); }

  private:
    static bool later(const Entry& a, const Entry& b) { return a.due > b.due; }
    std::vector<Entry> heap_;
    std::size_t void_max_ = 0;  // there are at most so many
};

using DeadlineQueue = DueQueue<Deadline>;
using AppointmentQueue = DueQueue<Appointment>;

}  // namespace penstock::broker
