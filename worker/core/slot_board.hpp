// What waits, what lies with which slot and what is wanted of it: the worker's own bookkeeping of
// the work it holds.
//
// Invariants:
// 1. A lease is on the board exactly once: waiting in its class, or with one slot.
// 2. A slot runs its work in the order of its list; only the first can have started. It is taken
//    to have started when the one before it ended, which errs late and never early.
// 3. Waiting work goes to slots of its own class only.
//
// Thread rule: owned by one thread. Pure: time is handed in.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/model/task.hpp"
#include "common/model/time.hpp"
#include "worker/core/effect.hpp"

namespace penstock::worker {

// What becomes of work that was asked back from its slot, once it has been taken back.
enum class Wanted : std::uint8_t {
    run,        // it was not asked back
    elsewhere,  // an idle slot takes it
    returned,   // the broker gets it back
    cancelled,  // reported as cancelled
    forgotten,  // it belongs to an earlier life of the broker
};

class SlotBoard {
  public:
    // Slot numbers count through the classes in order.
    explicit SlotBoard(const std::array<std::uint32_t, slot_class_count>& slots);

    void wait_for_slot(Work work, SlotClass slot_class);
    // Gives waiting work to slots: to idle ones, a fair share each; to a cpu slot also while it
    // runs its last piece, so that it need not wait for the next.
    [[nodiscard]] std::vector<HandOver> hand_over(TimePoint now);
    // Asks work back from long lists for slots that are idle and have nothing waiting for them.
    [[nodiscard]] std::vector<TakeBack> share();

    // A slot is done with it. What was wanted of it, or nothing if the board does not know it.
    [[nodiscard]] std::optional<Wanted> finished(SlotIndex slot, const Lease& lease, TimePoint now);
    // A slot gave it back. `elsewhere` it waits again; all else is the caller's to do.
    [[nodiscard]] std::optional<Wanted> taken_back(SlotIndex slot, Work work, TimePoint now);

    // Removes work that waits for a slot; nothing if it does not.
    [[nodiscard]] std::optional<Work> take_waiting(const Lease& lease);
    [[nodiscard]] std::vector<Work> take_all_waiting();
    // Notes what is wanted of work that lies with a slot and asks for it back; nothing if no slot
    // has it. Whoever wanted the work cancelled or forgotten is not overruled.
    [[nodiscard]] std::optional<TakeBack> ask_back(const Lease& lease, Wanted wanted);
    [[nodiscard]] std::vector<TakeBack> ask_all_back(Wanted wanted);
    // The process has to end if the lease is still with its slot then.
    void stop_by(const Lease& lease, TimePoint deadline);
    // What has run past its time limit, or past stop_by().
    [[nodiscard]] std::vector<Doomed> overdue(TimePoint now) const;
    // Its first was not found running: it has not started yet, or has just ended. Its time starts
    // anew.
    void spare(SlotIndex slot, TimePoint now);
    // When overdue() may next find something.
    [[nodiscard]] std::optional<TimePoint> next_deadline() const;

    // Every lease on the board, those with slots first.
    [[nodiscard]] std::vector<Lease> leases() const;
    [[nodiscard]] bool empty() const;

  private:
    struct Held {
        Lease lease;
        std::chrono::milliseconds time_limit{0};
        Wanted wanted = Wanted::run;
        std::optional<TimePoint> stop_deadline;
    };
    struct Slot {
        SlotClass slot_class = SlotClass::cpu;
        std::deque<Held> list;
        TimePoint first_since{};  // when the first of the list is taken to have started
    };

    std::deque<Held>::iterator find(Slot& slot, const Lease& lease);
    void remove(Slot& slot, std::deque<Held>::iterator held, TimePoint now);
    [[nodiscard]] static std::optional<TimePoint> deadline_of(const Slot& slot);

    std::vector<Slot> slots_;
    std::array<std::uint32_t, slot_class_count> slot_counts_;
    std::array<std::deque<Work>, slot_class_count> waiting_;
};

}  // namespace penstock::worker
