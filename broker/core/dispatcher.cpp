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

bool serves(Books& books, WorkerIndex worker, LaneIndex lane) {
    const auto& pools = books.lanes[lane].pools;
    return std::ranges::find(pools, books.workers[worker].pool) != pools.end();
}

// The idlest worker that could run a suspect of this lane; no_index if there is none.
WorkerIndex idlest_worker(Books& books, LaneIndex lane) {
    WorkerIndex best = no_index;
    auto& workers = books.workers.all();
    for (WorkerIndex index = 0; index < workers.size(); ++index) {
        if (!workers[index].takes_work() || !serves(books, index, lane)) {
            continue;
        }
        if (best == no_index || workers[index].lease_count() < workers[best].lease_count()) {
            best = index;
        }
    }
    return best;
}

bool still_suspect(const Books& books, const TaskRef& entry) {
    return books.tasks.used(entry.task) && books.tasks[entry.task].id == entry.id &&
           books.tasks[entry.task].suspect && books.tasks[entry.task].state() == TaskState::queued;
}

// A worker that is held back for suspects of this lane and runs none yet: idle by now, or not.
WorkerIndex held_worker(Books& books, LaneIndex lane, bool idle) {
    auto& workers = books.workers.all();
    for (WorkerIndex index = 0; index < workers.size(); ++index) {
        const Worker& worker = workers[index];
        if (worker.used && worker.held_back && !worker.draining && !worker.unreachable &&
            worker.suspect == no_index && (worker.lease_count() == 0) == idle &&
            serves(books, index, lane)) {
            return index;
        }
    }
    return no_index;
}

// Frees workers that were held back for suspects that no longer wait.
void resume_unneeded(Books& books) {
    auto& workers = books.workers.all();
    for (WorkerIndex index = 0; index < workers.size(); ++index) {
        if (workers[index].used && workers[index].held_back && workers[index].suspect == no_index) {
            books.workers.resume(index);
        }
    }
}

std::size_t count_held_back(Books& books) {
    return static_cast<std::size_t>(std::ranges::count_if(
        books.workers.all(), [](const Worker& worker) { return worker.used && worker.held_back; }));
}

void run_alone(Books& books, TaskIndex task, WorkerIndex worker, Instant now) {
    books.workers.hold_back(worker);
    books.workers[worker].suspect = task;
    dispatch(books, task, worker, now);
}

// Whether the suspect was placed.
bool place_suspect(Books& books, TaskIndex task, Instant now) {
    const LaneIndex lane = books.tasks[task].lane;
    const WorkerIndex held = held_worker(books, lane, true);
    if (held != no_index) {
        run_alone(books, task, held, now);
        return true;
    }
    const WorkerIndex idlest = idlest_worker(books, lane);
    if (idlest == no_index) {
        return false;
    }
    const bool idle = books.workers[idlest].lease_count() == 0;
    const WorkerIndex emptying = held_worker(books, lane, false);
    if (idle && emptying != no_index) {
        // Somebody became idle sooner than the one that is being kept free.
        books.workers.resume(emptying);
    }
    const std::size_t held_max = std::max<std::size_t>(1, books.workers.size() / 2);
    if (count_held_back(books) >= held_max) {
        return false;
    }
    if (idle) {
        run_alone(books, task, idlest, now);
        return true;
    }
    books.workers.hold_back(idlest);
    return false;
}

// Where somebody else has a free slot, waiting work is better off there.
bool others_are_free(Books& books, WorkerIndex worker) {
    return std::ranges::any_of(books.workers.all(), [&](const Worker& other) {
        return other.takes_work() && &other != &books.workers[worker] &&
               (other.leases[0] < other.slots[0] || other.leases[1] < other.slots[1]);
    });
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

void dispatch_suspects(Books& books, Instant now) {
    if (books.suspects.empty()) {
        return;
    }
    const std::size_t waiting = books.suspects.size();
    for (std::size_t n = 0; n < waiting; ++n) {
        const TaskRef entry = books.suspects.front();
        books.suspects.pop_front();
        if (still_suspect(books, entry) && !place_suspect(books, entry.task, now)) {
            books.suspects.push_back(entry);
        }
    }
    if (books.suspects.empty()) {
        resume_unneeded(books);
    }
}

void recall_waiting_work(Books& books, WorkerIndex index, Instant now) {
    Worker& worker = books.workers[index];
    worker.waiting_work_watched = false;
    const bool waiting = worker.leases[0] > worker.slots[0] || worker.leases[1] > worker.slots[1];
    if (!waiting) {
        return;
    }
    const bool moved = now.steady - worker.last_release < books.settings.recall_after;
    if (!moved && others_are_free(books, index)) {
        // The newest leases are the ones that wait; one that has started is not given back.
        std::uint32_t excess = 0;
        for (std::size_t c = 0; c < slot_class_count; ++c) {
            excess += worker.leases[c] - std::min(worker.leases[c], worker.slots[c]);
        }
        TaskIndex task = worker.last_lease;
        for (; excess > 0 && task != no_index; --excess) {
            books.outbox.recall(worker.session, current_lease(books, task));
            task = books.tasks[task].previous_lease;
        }
    }
    worker.waiting_work_watched = true;
    books.deadlines.add({now.steady + books.settings.recall_after,
                         Deadline::Kind::check_waiting_work, index, worker.session});
}

void give_up_unserved(Books& books, Instant now) {
    if (books.workers.size() == 0) {
        return;
    }
    const std::vector<LaneIndex> ready = books.lanes.ready();
    for (const LaneIndex index : ready) {
        Lane& lane = books.lanes[index];
        if (books.lanes.type_of(index).offered) {
            lane.unserved_since.reset();
            continue;
        }
        if (!lane.unserved_since) {
            lane.unserved_since = now.steady;
        }
        if (now.steady - *lane.unserved_since < books.settings.no_handler_grace) {
            continue;
        }
        while (const std::optional<TaskIndex> task = lane.front(books.tasks)) {
            lane.pop();
            give_up(books, *task, DeadReason::no_handler,
                    {ErrorCode::no_handler, "no worker knows the type '" +
                                                books.lanes.type_of(index).name +
                                                "'; see 'penstock worker ls' for what they offer"},
                    now);
        }
        lane.unserved_since.reset();
    }
}

}  // namespace penstock::broker
