#include "broker/core/dispatcher.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "broker/core/bodies.hpp"
#include "broker/core/lifecycle.hpp"
#include "common/model/slot_ref.hpp"

namespace penstock::broker {
namespace {

// Tasks given up in one turn: some 20 ms, so that nobody takes the broker for dead meanwhile.
constexpr std::size_t given_up_max = 10'000;

// The task in front of a ready lane.
struct Front {
    std::uint64_t ticket;
    LaneIndex lane;
    TaskIndex task;
};

bool later(const Front& a, const Front& b) {
    return a.ticket > b.ticket;
}

// All lanes in which something waits, as a heap: lowest ticket first. Those that turn out to be
// empty leave the ready list.
std::vector<Front> ready_fronts(Books& books) {
    std::vector<Front> fronts;
    const auto& ready = books.lanes.ready();
    fronts.reserve(ready.size());
    for (std::size_t position = 0; position < ready.size();) {
        const LaneIndex lane = ready[position];
        if (books.lanes[lane].pools.empty()) {
            ++position;  // nobody serves it now
            continue;
        }
        const std::optional<TaskIndex> task = books.lanes[lane].front(books.tasks);
        if (!task) {
            books.lanes.unmark_ready(position);
            continue;
        }
        fronts.push_back({books.tasks[*task].ticket, lane, *task});
        ++position;
    }
    std::ranges::make_heap(fronts, later);
    return fronts;
}

// Where a large body may lie: with the producer that waits for the end.
MemoryDomain domain_of(const Books& books, TaskIndex index) {
    const Task& task = books.tasks[index];
    if (task.body.size_bytes() < shared_body_min_bytes) {
        return no_domain;
    }
    const auto session = books.sessions.find(task.waiter);
    return session == books.sessions.end() ? no_domain : session->second.domain;
}

// A body that is away is read for the archive, and one that is large takes memory there.
std::size_t weight_of(const KeptBody& body) {
    constexpr std::uint64_t bytes_of_one = 1'000;
    const std::size_t reading = body.is_here() ? 1 : 50;
    return std::max<std::size_t>(reading, body.size_bytes() / bytes_of_one);
}

// Ends the tasks of this lane that have waited for the whole grace, oldest first and about `most`.
// Returns how many, by weight.
std::size_t give_up_overdue(Books& books, LaneIndex index, std::size_t most, Instant now) {
    Lane& lane = books.lanes[index];
    for (std::size_t ended = 0;;) {
        const std::optional<TaskIndex> task = lane.front(books.tasks);
        if (ended >= most || !task ||
            books.tasks[*task].waited(now) < books.settings.no_handler_grace) {
            return ended;
        }
        ended += weight_of(books.tasks[*task].body);
        lane.pop();
        const std::string& type = books.lanes.type_of(index).name;
        give_up(
            books, *task,
            {{ErrorCode::no_handler, "no worker knows the type '" + type +
                                         "'; see 'penstock worker ls --json' for what they offer"},
             DeadReason::no_handler,
             {}},
            now);
    }
}

}  // namespace

void dispatch_ready(Books& books, Instant now) {
    if (books.lanes.ready().empty() || books.workers.size() == 0) {
        return;
    }
    std::vector<Front> fronts = ready_fronts(books);
    while (!fronts.empty()) {
        std::ranges::pop_heap(fronts, later);
        const Front front = fronts.back();
        fronts.pop_back();
        Lane& lane = books.lanes[front.lane];
        if (books.disk.reserve_used && books.tasks[front.task].is_journaled()) {
            continue;  // its end might find no room
        }
        const WorkerIndex worker = books.workers.choose(lane, books.lanes.type_of(front.lane),
                                                        domain_of(books, front.task));
        if (worker == no_index) {
            continue;  // nothing becomes free during the round
        }
        if (!books.tasks[front.task].body.is_here()) {
            // Nothing younger takes its slot meanwhile: the next round follows when they are read.
            fetch_next(books, front.lane);
            return;
        }
        lane.pop();
        dispatch(books, front.task, worker, now);
        if (const std::optional<TaskIndex> next = lane.front(books.tasks)) {
            fronts.push_back({books.tasks[*next].ticket, front.lane, *next});
            std::ranges::push_heap(fronts, later);
        }
    }
}

bool give_up_unserved(Books& books, Instant now) {
    std::size_t left = given_up_max;
    for (const LaneIndex index : books.lanes.ready()) {
        Lane& lane = books.lanes[index];
        if (books.workers.size() == 0 || books.lanes.type_of(index).offered || lane.recovered) {
            lane.unserved_since.reset();
            continue;
        }
        if (!lane.unserved_since) {
            lane.unserved_since = now.steady;
        }
        if (now.steady - *lane.unserved_since >= books.settings.no_handler_grace) {
            left -= std::min(left, give_up_overdue(books, index, left, now));
        }
    }
    return left == 0;
}

}  // namespace penstock::broker
