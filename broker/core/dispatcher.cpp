#include "broker/core/dispatcher.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "broker/core/lifecycle.hpp"

namespace penstock::broker {
namespace {

// What the dispatcher knows of a ready lane during one round.
struct Candidate {
    LaneIndex lane = no_index;
    TaskIndex task = no_index;
    WorkerIndex worker = no_index;
};

// The ready lane with the lowest ticket that has room somewhere. Lanes that turn out to be empty
// leave the ready list; lanes without room are put into `full`, so that they are asked once.
Candidate next_candidate(Books& books, std::vector<bool>& full) {
    Candidate best;
    auto& ready = books.lanes.ready();
    for (std::size_t position = 0; position < ready.size();) {
        const LaneIndex lane_index = ready[position];
        Lane& lane = books.lanes[lane_index];
        const std::optional<TaskIndex> front = lane.front(books.tasks);
        if (!front) {
            books.lanes.unmark_ready(position);
            continue;
        }
        ++position;
        const bool earlier =
            best.task == no_index || books.tasks[*front].ticket < books.tasks[best.task].ticket;
        if (full[lane_index] || !earlier) {
            continue;
        }
        const WorkerIndex worker = books.workers.choose(lane, books.lanes.type_of(lane_index));
        if (worker == no_index) {
            full[lane_index] = true;
            continue;
        }
        best = {lane_index, *front, worker};
    }
    return best;
}

// Ends the tasks of this lane that have waited for the whole grace, oldest first.
void give_up_overdue(Books& books, LaneIndex index, Instant now) {
    Lane& lane = books.lanes[index];
    while (const std::optional<TaskIndex> task = lane.front(books.tasks)) {
        const std::int64_t waited_ms = now.unix_ms - books.tasks[*task].created_at;
        if (waited_ms < books.settings.no_handler_grace.count()) {
            return;
        }
        lane.pop();
        give_up(
            books, *task, DeadReason::no_handler,
            {ErrorCode::no_handler, "no worker knows the type '" + books.lanes.type_of(index).name +
                                        "'; see 'penstock worker ls' for what they offer"},
            now);
    }
}

}  // namespace

void dispatch_ready(Books& books, Instant now) {
    if (books.lanes.ready().empty() || books.workers.size() == 0) {
        return;
    }
    std::vector<bool> full(books.lanes.all().size(), false);
    while (true) {
        const Candidate next = next_candidate(books, full);
        if (next.task == no_index) {
            return;
        }
        books.lanes[next.lane].pop();
        dispatch(books, next.task, next.worker, now);
    }
}

void give_up_unserved(Books& books, Instant now) {
    for (const LaneIndex index : books.lanes.ready()) {
        Lane& lane = books.lanes[index];
        if (books.workers.size() == 0 || books.lanes.type_of(index).offered) {
            lane.unserved_since.reset();
            continue;
        }
        if (!lane.unserved_since) {
            lane.unserved_since = now.steady;
        }
        if (now.steady - *lane.unserved_since >= books.settings.no_handler_grace) {
            give_up_overdue(books, index, now);
        }
    }
}

}  // namespace penstock::broker
