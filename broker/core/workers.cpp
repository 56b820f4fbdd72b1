#include "broker/core/workers.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>

#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

// How many free slots are looked through for one of a domain: as many as a host may have, while the
// cost of a lease stays what it is.
constexpr std::ptrdiff_t looked_through_max = 32;

}  // namespace

MemoryDomain domain_of(const std::optional<protocol::Memory>& memory) {
    return memory ? std::hash<std::string>{}(memory->domain) : no_domain;
}

WorkerIndex Workers::add(const protocol::Join& join, SessionId session, Instant now, Lanes& lanes) {
    PENSTOCK_ASSERT(find(join.worker) == no_index);
    WorkerIndex index = static_cast<WorkerIndex>(workers_.size());
    if (unused_.empty()) {
        workers_.emplace_back();
    } else {
        index = unused_.back();
        unused_.pop_back();
    }
    Worker& worker = workers_[index];
    // Tokens of the position's former owner must stay void.
    const std::uint32_t generation = worker.generation + 1;
    worker = Worker{};
    worker.generation = generation;
    worker.used = true;
    worker.session = session;
    worker.id = join.worker;
    worker.site = std::make_shared<const Site>(join.site);
    worker.domain = domain_of(join.memory);
    worker.labels = join.labels;
    worker.slots = join.slots;
    worker.joined_at = now.unix_ms;
    worker.pool = pool_for(join, lanes);
    Pool& pool = pools_[worker.pool];
    ++pool.workers;
    for (std::size_t c = 0; c < slot_class_count; ++c) {
        pool.slots[c] += worker.slots[c];
    }
    by_id_.emplace(join.worker, index);
    offer_free_slots(index);
    return index;
}

void Workers::remove(WorkerIndex index, Lanes& lanes) {
    Worker& worker = workers_[index];
    PENSTOCK_ASSERT(worker.used);
    PENSTOCK_ASSERT(worker.lease_count() == 0);
    worker.used = false;
    ++worker.generation;
    Pool& pool = pools_[worker.pool];
    for (std::size_t c = 0; c < slot_class_count; ++c) {
        pool.slots[c] -= worker.slots[c];
    }
    if (--pool.workers == 0) {
        close_pool(worker.pool, lanes);
    }
    by_id_.erase(worker.id);
    unused_.push_back(index);
}

WorkerIndex Workers::find(const WorkerId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? no_index : found->second;
}

bool Workers::void_token(const Pool::Token& token) const {
    const Worker& worker = workers_[token.worker];
    return token.generation != worker.generation || !worker.takes_work();
}

void Workers::remove_void(std::deque<Pool::Token>& tokens, std::uint64_t valid_max) const {
    if (tokens.size() > 2 * valid_max) {
        std::erase_if(tokens, [&](const Pool::Token& token) { return void_token(token); });
    }
}

WorkerIndex Workers::find_free_slot(const Lane& lane) {
    WorkerIndex best = no_index;
    std::uint64_t best_freed = 0;
    for (const PoolIndex index : lane.pools) {
        Pool& pool = pools_[index];
        auto& free = pool.classes[static_cast<std::size_t>(pool.known_class_of(lane.type))].free;
        while (!free.empty() && void_token(free.front())) {
            free.pop_front();
        }
        if (!free.empty() && (best == no_index || free.front().freed < best_freed)) {
            best = free.front().worker;
            best_freed = free.front().freed;
        }
    }
    return best;
}

WorkerIndex Workers::find_free_slot(const Lane& lane, MemoryDomain domain) const {
    for (const PoolIndex index : lane.pools) {
        const Pool& pool = pools_[index];
        const auto& free =
            pool.classes[static_cast<std::size_t>(pool.known_class_of(lane.type))].free;
        const auto end = free.begin() + std::min(std::ssize(free), looked_through_max);
        const auto found = std::find_if(free.begin(), end, [&](const Pool::Token& token) {
            return !void_token(token) && workers_[token.worker].domain == domain;
        });
        if (found != end) {
            return found->worker;
        }
    }
    return no_index;
}

WorkerIndex Workers::choose(const Lane& lane, const TypeInfo& type, MemoryDomain domain) {
    const WorkerIndex longest_free = find_free_slot(lane);
    if (longest_free == no_index) {
        return find_credit(lane, type);
    }
    if (domain == no_domain || workers_[longest_free].domain == domain) {
        return longest_free;
    }
    const WorkerIndex near = find_free_slot(lane, domain);
    return near == no_index ? longest_free : near;
}

bool Workers::may_wait(const TypeInfo& type) const {
    return type.measured && type.average_us <= static_cast<double>(settings_.waiting_work.count());
}

WorkerIndex Workers::find_credit(const Lane& lane, const TypeInfo& type) {
    // Asked before any token is dropped: a type that never waits must not use up the credit that
    // shorter ones could have.
    if (!may_wait(type)) {
        return no_index;
    }
    for (const PoolIndex index : lane.pools) {
        Pool& pool = pools_[index];
        const auto slot_class = static_cast<std::size_t>(pool.known_class_of(lane.type));
        auto& credit = pool.classes[slot_class].credit;
        while (!credit.empty()) {
            const Pool::Token token = credit.front();
            if (!void_token(token) && has_credit(workers_[token.worker], slot_class, type)) {
                return token.worker;
            }
            // It offers again when it has finished something.
            if (token.generation == workers_[token.worker].generation) {
                workers_[token.worker].offers_credit[slot_class] = false;
            }
            credit.pop_front();
        }
    }
    return no_index;
}

bool Workers::has_credit(const Worker& worker, std::size_t slot_class, const TypeInfo& type) const {
    const std::uint32_t slots = worker.slots[slot_class];
    if (worker.stalled[slot_class] ||
        worker.leases[slot_class] >= slots + settings_.waiting_leases_max) {
        return false;
    }
    const auto room = static_cast<double>(settings_.waiting_work.count()) * slots;
    return static_cast<double>(worker.estimated_us[slot_class]) + type.average_us <= room;
}

void Workers::take(WorkerIndex index, SlotClass slot_class, TaskIndex task_index, TaskTable& tasks,
                   TimePoint now) {
    Worker& worker = workers_[index];
    Task& task = tasks[task_index];
    const auto c = static_cast<std::size_t>(slot_class);
    Pool::Class& offers = pools_[worker.pool].classes[c];
    const bool in_slot = worker.leases[c] < worker.slots[c];
    if (in_slot && worker.takes_work()) {
        const auto end =
            offers.free.begin() + std::min(std::ssize(offers.free), looked_through_max);
        const auto token = std::find_if(offers.free.begin(), end, [&](const Pool::Token& one) {
            return one.worker == index && !void_token(one);
        });
        if (token != end) {
            offers.free.erase(token);
        }
    }
    if (!in_slot && !offers.credit.empty() && offers.credit.front().worker == index) {
        // To the end of the line: waiting work goes round.
        offers.credit.push_back(offers.credit.front());
        offers.credit.pop_front();
    }
    if (worker.leases[c] == worker.slots[c]) {
        worker.moved_at[c] = now;
    }
    ++worker.leases[c];
    LastRun& run = task.edit_last();
    worker.estimated_us[c] += run.estimate_us;
    run.worker = index;
    run.previous_lease = worker.last_lease;
    run.next_lease = no_index;
    (worker.last_lease == no_index ? worker.first_lease
                                   : tasks[worker.last_lease].edit_last().next_lease) = task_index;
    worker.last_lease = task_index;
}

void Workers::note_progress(WorkerIndex index, SlotClass slot_class, TimePoint now) {
    workers_[index].moved_at[static_cast<std::size_t>(slot_class)] = now;
    workers_[index].stalled[static_cast<std::size_t>(slot_class)] = false;
}

bool Workers::others_serve(const Lane& lane) const {
    std::uint32_t workers = 0;
    for (const PoolIndex pool : lane.pools) {
        workers += pools_[pool].workers;
    }
    return workers > 1;
}

void Workers::release(TaskIndex task_index, SlotClass slot_class, TaskTable& tasks) {
    Task& task = tasks[task_index];
    LastRun& run = task.edit_last();
    const WorkerIndex index = run.worker;
    Worker& worker = workers_[index];
    const auto c = static_cast<std::size_t>(slot_class);
    PENSTOCK_ASSERT(worker.leases[c] > 0);
    (run.previous_lease == no_index ? worker.first_lease
                                    : tasks[run.previous_lease].edit_last().next_lease) =
        run.next_lease;
    (run.next_lease == no_index ? worker.last_lease
                                : tasks[run.next_lease].edit_last().previous_lease) =
        run.previous_lease;
    run.worker = no_index;
    --worker.leases[c];
    worker.estimated_us[c] -= std::min<std::uint64_t>(worker.estimated_us[c], run.estimate_us);
    if (!worker.takes_work()) {
        return;
    }
    if (worker.leases[c] < worker.slots[c]) {
        pools_[worker.pool].classes[c].free.push_back({index, worker.generation, ++frees_});
    }
    offer_credit(index, c);
}

void Workers::offer_credit(WorkerIndex index, std::size_t slot_class) {
    Worker& worker = workers_[index];
    if (!worker.offers_credit[slot_class] && worker.slots[slot_class] > 0) {
        worker.offers_credit[slot_class] = true;
        pools_[worker.pool].classes[slot_class].credit.push_back({index, worker.generation, 0});
    }
}

void Workers::offer_free_slots(WorkerIndex index) {
    Worker& worker = workers_[index];
    Pool& pool = pools_[worker.pool];
    for (std::size_t c = 0; c < slot_class_count; ++c) {
        for (std::uint32_t n = worker.leases[c]; n < worker.slots[c]; ++n) {
            pool.classes[c].free.push_back({index, worker.generation, ++frees_});
        }
        worker.offers_credit[c] = false;
        offer_credit(index, c);
        remove_void(pool.classes[c].free, pool.slots[c]);
        remove_void(pool.classes[c].credit, pool.workers);
    }
}

void Workers::keep_for(WorkerIndex index, TaskIndex suspect) {
    workers_[index].suspect = suspect;
    ++workers_[index].generation;
}

void Workers::resume(WorkerIndex index) {
    Worker& worker = workers_[index];
    worker.suspect = no_index;
    ++worker.generation;
    if (worker.takes_work()) {
        offer_free_slots(index);
    }
}

void Workers::drain(WorkerIndex index) {
    workers_[index].draining = true;
    ++workers_[index].generation;
}

void Workers::disconnect(WorkerIndex index) {
    workers_[index].unreachable = true;
    ++workers_[index].generation;
}

void Workers::reconnect(WorkerIndex index, SessionId session) {
    Worker& worker = workers_[index];
    worker.session = session;
    worker.unreachable = false;
    worker.waiting_work_watched = false;  // its entry names the former session
    ++worker.generation;
    if (worker.takes_work()) {
        offer_free_slots(index);
    }
}

}  // namespace penstock::broker
