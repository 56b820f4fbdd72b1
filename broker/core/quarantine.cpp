#include "broker/core/quarantine.hpp"

#include <algorithm>
#include <vector>

#include "broker/core/lifecycle.hpp"

namespace penstock::broker {
namespace {

// The workers as one round of placing finds and changes them.
struct Survey {
    std::vector<WorkerIndex> idle;    // would take work and had none
    std::size_t serving = 0;          // kept for a suspect, or running one
    std::vector<LaneIndex> hopeless;  // lanes that no further worker can be kept for
};

Survey survey_workers(Books& books) {
    Survey survey;
    const auto& workers = books.workers.all();
    for (WorkerIndex index = 0; index < workers.size(); ++index) {
        const Worker& worker = workers[index];
        if (worker.takes_work() && worker.lease_count() == 0) {
            survey.idle.push_back(index);
        }
        survey.serving += worker.used && worker.suspect != no_index ? 1U : 0U;
    }
    return survey;
}

bool can_run(Books& books, WorkerIndex worker, LaneIndex lane) {
    const auto& pools = books.lanes[lane].pools;
    const PoolIndex pool = books.workers[worker].pool;
    if (std::ranges::find(pools, pool) == pools.end()) {
        return false;
    }
    const SlotClass slot_class =
        books.workers.pool_of(worker).known_class_of(books.lanes[lane].type);
    return books.workers[worker].slots[static_cast<std::size_t>(slot_class)] > 0;
}

bool still_waits(const Books& books, const TaskRef& ref) {
    return books.tasks.used(ref.task) && books.tasks[ref.task].id == ref.id &&
           books.tasks[ref.task].suspect && books.tasks[ref.task].state() == TaskState::queued;
}

// Whether the worker of the entry is still there, and kept for it.
bool is_kept(Books& books, const WaitingSuspect& entry) {
    return entry.kept != no_index && books.workers[entry.kept].used &&
           books.workers[entry.kept].suspect == entry.ref.task;
}

void let_go(Books& books, WaitingSuspect& entry, Survey& survey) {
    if (is_kept(books, entry)) {
        books.workers.resume(entry.kept);
        --survey.serving;
    }
    entry.kept = no_index;
}

// Keeps the worker with the fewest leases free for this suspect, if another one may be kept.
void keep_a_worker(Books& books, WaitingSuspect& entry, LaneIndex lane, Survey& survey) {
    const std::size_t serving_max = std::max<std::size_t>(1, books.workers.size() / 2);
    if (survey.serving >= serving_max || books.lanes[lane].pools.empty() ||
        std::ranges::find(survey.hopeless, lane) != survey.hopeless.end()) {
        return;
    }
    WorkerIndex best = no_index;
    const auto& workers = books.workers.all();
    for (WorkerIndex index = 0; index < workers.size(); ++index) {
        if (workers[index].takes_work() && can_run(books, index, lane) &&
            (best == no_index || workers[index].lease_count() < workers[best].lease_count())) {
            best = index;
        }
    }
    if (best == no_index) {
        survey.hopeless.push_back(lane);
        return;
    }
    books.workers.keep_for(best, entry.ref.task);
    entry.kept = best;
    ++survey.serving;
}

// A kept worker that has become idle, or any other idle one: whichever there is. no_index if none.
WorkerIndex find_idle(Books& books, const WaitingSuspect& entry, LaneIndex lane,
                      const Survey& survey) {
    if (entry.kept != no_index && books.workers[entry.kept].lease_count() == 0) {
        return entry.kept;
    }
    const auto found = std::ranges::find_if(survey.idle, [&](WorkerIndex worker) {
        return books.workers[worker].takes_work() && can_run(books, worker, lane);
    });
    return found == survey.idle.end() ? no_index : *found;
}

// Whether the suspect runs now.
bool place(Books& books, WaitingSuspect& entry, Survey& survey, Instant now) {
    const LaneIndex lane = books.tasks[entry.ref.task].lane;
    if (!is_kept(books, entry) || !books.workers[entry.kept].is_reachable()) {
        let_go(books, entry, survey);
        keep_a_worker(books, entry, lane, survey);
    }
    if (entry.kept == no_index) {
        return false;
    }
    const WorkerIndex worker = find_idle(books, entry, lane, survey);
    if (worker == no_index) {
        return false;
    }
    if (worker != entry.kept) {
        // Somebody became idle sooner than the one that is being kept free.
        books.workers.resume(entry.kept);
        books.workers.keep_for(worker, entry.ref.task);
    }
    dispatch(books, entry.ref.task, worker, now);
    return true;
}

}  // namespace

void dispatch_suspects(Books& books, Instant now) {
    // When the last room is in use, their ends might find none.
    if (books.suspects.empty() || books.disk.reserve_used) {
        return;
    }
    Survey survey = survey_workers(books);
    const std::size_t waiting = books.suspects.size();
    for (std::size_t n = 0; n < waiting; ++n) {
        WaitingSuspect entry = books.suspects.front();
        books.suspects.pop_front();
        if (!still_waits(books, entry.ref)) {
            let_go(books, entry, survey);
            continue;
        }
        if (!place(books, entry, survey, now)) {
            books.suspects.push_back(entry);
        }
    }
}

}  // namespace penstock::broker
