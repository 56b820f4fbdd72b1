#include "broker/core/waiting_work.hpp"

#include <array>

#include "broker/core/lifecycle.hpp"

namespace penstock::broker {
namespace {

// Whether work of this lane, which has not moved for so long, is better off elsewhere. A stall of a
// moment is worth a call only when somebody could start at once.
bool is_better_off(Books& books, const Lane& lane, Duration stalled) {
    constexpr int patience = 10;
    if (stalled >= patience * books.settings.recall_after) {
        return books.workers.others_serve(lane);
    }
    return stalled >= books.settings.recall_after && books.workers.find_free_slot(lane) != no_index;
}

// The newest leases of a class are the ones that wait; one that has started is not given back.
void recall_stuck(Books& books, WorkerIndex index, Instant now) {
    Worker& worker = books.workers[index];
    const Pool& pool = books.workers.pool_of(index);
    // None where work moves, as a rule: there may be a thousand of them.
    const auto waiting = [&](std::size_t c) {
        const bool moves = now.steady - worker.moved_at[c] < books.settings.recall_after;
        return moves ? 0 : worker.waiting(c);
    };
    std::array<std::uint32_t, slot_class_count> left{waiting(0), waiting(1)};
    for (TaskIndex lease = worker.last_lease; lease != no_index && (left[0] > 0 || left[1] > 0);
         lease = books.tasks[lease].last().previous_lease) {
        Task& task = books.tasks[lease];
        const Lane& lane = books.lanes[task.lane];
        const auto c = static_cast<std::size_t>(pool.known_class_of(lane.type));
        if (left[c] == 0) {
            continue;
        }
        --left[c];
        if (!task.last().recalled && is_better_off(books, lane, now.steady - worker.moved_at[c])) {
            books.outbox.recall(worker.session, current_lease(books, lease));
            task.edit_last().recalled = true;
            worker.stalled[c] = true;
        }
    }
}

}  // namespace

void watch_waiting_work(Books& books, WorkerIndex index, Instant now) {
    Worker& worker = books.workers[index];
    if (worker.waiting_work_watched || (worker.waiting(0) == 0 && worker.waiting(1) == 0)) {
        return;
    }
    worker.waiting_work_watched = true;
    books.deadlines.add({now.steady + books.settings.recall_after,
                         Deadline::Kind::check_waiting_work, index, worker.session});
}

void recall_waiting_work(Books& books, WorkerIndex index, Instant now) {
    if (!books.workers[index].unreachable) {
        recall_stuck(books, index, now);
    }
    books.workers[index].waiting_work_watched = false;
    watch_waiting_work(books, index, now);
}

}  // namespace penstock::broker
