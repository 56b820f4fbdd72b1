// Who is connected, what each can run, and which slot has been free the longest.
//
// Workers that offer the same types and serve the same queues form a pool; a lane knows its pools,
// so finding a slot does not depend on the number of workers. A pool ends with its last worker.
//
// Invariants:
// 1. A worker that may be given work has, per class, one token in its pool for each free slot.
// 2. A token is void when its generation is not the worker's; void ones are skipped at the front,
// and removed when they are more than half of all.
// 3. What is leased to a process, running or waiting, is at most Settings::waiting_work of
// estimated
//    work per slot, or fits into its slots.
//
// Thread rule: belongs to the scheduler's thread. Cost: O(1) per lease.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/lanes.hpp"
#include "broker/core/settings.hpp"
#include "broker/core/task_table.hpp"
#include "common/protocol/message.hpp"

namespace penstock::broker {

// Processes with the same one can read each other's memory. A digest of the name, so that two of
// them may be taken for one: good for preferring one over another, and nothing else.
using MemoryDomain = std::uint64_t;
inline constexpr MemoryDomain no_domain = 0;
[[nodiscard]] MemoryDomain domain_of(const std::optional<protocol::Memory>& memory);

struct Worker {
    bool used = false;
    SessionId session = no_session;
    WorkerId id;
    std::shared_ptr<const Site> site;  // with all that ran there
    MemoryDomain domain = no_domain;
    PoolIndex pool = 0;
    std::vector<std::string> labels;
    std::int64_t joined_at = 0;  // Unix milliseconds

    std::array<std::uint32_t, slot_class_count> slots{};
    std::array<std::uint32_t, slot_class_count> leases{};
    std::array<std::uint64_t, slot_class_count> estimated_us{};  // of all its leases
    TaskIndex first_lease = no_index;                            // list, oldest first
    TaskIndex last_lease = no_index;

    bool draining = false;         // asked for nothing more
    bool unreachable = false;      // its connection broke; it may come back
    TaskIndex suspect = no_index;  // gets nothing else: kept free for it, or running it alone

    std::uint64_t completed = 0;
    std::uint32_t generation = 0;  // of its tokens
    std::array<bool, slot_class_count> offers_credit{};
    bool waiting_work_watched = false;
    // When an attempt last ended in it, or when it was first given more than fits its slots.
    std::array<TimePoint, slot_class_count> moved_at{};
    // Its waiting work has been called back: no more of it until an attempt ends.
    std::array<bool, slot_class_count> stalled{};

    [[nodiscard]] std::uint32_t lease_count() const { return leases[0] + leases[1]; }
    // Leases that must wait for a slot.
    [[nodiscard]] std::uint32_t waiting(std::size_t slot_class) const {
        return leases[slot_class] - std::min(leases[slot_class], slots[slot_class]);
    }
    [[nodiscard]] bool is_reachable() const { return used && !draining && !unreachable; }
    [[nodiscard]] bool takes_work() const { return is_reachable() && suspect == no_index; }
};

struct Pool {
    std::vector<std::pair<TypeIndex, SlotClass>> types;   // sorted
    std::vector<std::string> queues;                      // sorted; empty: all
    std::uint32_t workers = 0;                            // 0: the position is unused
    std::array<std::uint64_t, slot_class_count> slots{};  // of all its workers

    struct Token {
        WorkerIndex worker;
        std::uint32_t generation;
        std::uint64_t freed;  // when, as a count: lower is longer ago
    };
    struct Class {
        std::deque<Token> free;    // longest free first
        std::deque<Token> credit;  // workers that may take waiting work, in turn
    };
    std::array<Class, slot_class_count> classes;

    // Nothing if its workers do not run this type.
    [[nodiscard]] std::optional<SlotClass> class_of(TypeIndex type) const;
    // Requires: they run it.
    [[nodiscard]] SlotClass known_class_of(TypeIndex type) const;
    [[nodiscard]] bool serves(std::string_view queue) const;
};

class Workers {
  public:
    explicit Workers(const Settings& settings) : settings_(settings) {}

    WorkerIndex add(const protocol::Join& join, SessionId session, Instant now, Lanes& lanes);
    // Requires: it holds no lease.
    void remove(WorkerIndex worker, Lanes& lanes);
    [[nodiscard]] WorkerIndex find(const WorkerId& id) const;
    [[nodiscard]] Worker& operator[](WorkerIndex worker) { return workers_[worker]; }
    [[nodiscard]] std::deque<Worker>& all() { return workers_; }
    [[nodiscard]] const Pool& pool_of(WorkerIndex worker) const {
        return pools_[workers_[worker].pool];
    }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

    // Fills in which pools serve a new lane.
    void connect_lane(LaneIndex lane, Lanes& lanes) const;

    // The worker whose slot for this lane has been free the longest; no_index if none is free.
    [[nodiscard]] WorkerIndex find_free_slot(const Lane& lane);
    // The worker that should run the next task of this lane: one with a free slot or, when there is
    // none, one with room for waiting work. no_index if nobody has room. Of those with a free slot
    // that come next, one of this domain is preferred, if it is any: the task's body lies there.
    [[nodiscard]] WorkerIndex choose(const Lane& lane, const TypeInfo& type,
                                     MemoryDomain domain = no_domain);
    // Books a lease of `task` on the worker that choose() gave, or on any with room.
    void take(WorkerIndex worker, SlotClass slot_class, TaskIndex index, TaskTable& tasks,
              TimePoint now);
    // An attempt has come to its end in this worker. Call before release().
    void note_progress(WorkerIndex worker, SlotClass slot_class, TimePoint now);
    // Ends the lease.
    void release(TaskIndex index, SlotClass slot_class, TaskTable& tasks);
    // Whether somebody else might run tasks of this lane, sooner or later.
    [[nodiscard]] bool others_serve(const Lane& lane) const;

    // Gives it nothing but this suspect; and work as usual again.
    void keep_for(WorkerIndex worker, TaskIndex suspect);
    void resume(WorkerIndex worker);
    // For good: a process that wants nothing more does not change its mind.
    void drain(WorkerIndex worker);
    // Its connection broke; and is there again, as another session.
    void disconnect(WorkerIndex worker);
    void reconnect(WorkerIndex worker, SessionId session);

  private:
    PoolIndex pool_for(const protocol::Join& join, Lanes& lanes);
    void close_pool(PoolIndex pool, Lanes& lanes);
    void offer_free_slots(WorkerIndex worker);
    void offer_credit(WorkerIndex worker, std::size_t slot_class);
    [[nodiscard]] bool has_credit(const Worker& worker, std::size_t slot_class,
                                  const TypeInfo& type) const;
    [[nodiscard]] bool may_wait(const TypeInfo& type) const;
    [[nodiscard]] bool void_token(const Pool::Token& token) const;
    void remove_void(std::deque<Pool::Token>& tokens, std::uint64_t valid_max) const;
    [[nodiscard]] WorkerIndex find_free_slot(const Lane& lane, MemoryDomain domain) const;
    [[nodiscard]] WorkerIndex find_credit(const Lane& lane, const TypeInfo& type);

    Settings settings_;
    std::deque<Worker> workers_;
    std::vector<WorkerIndex> unused_;
    std::unordered_map<WorkerId, WorkerIndex> by_id_;
    std::deque<Pool> pools_;
    std::vector<PoolIndex> unused_pools_;
    std::uint64_t frees_ = 0;
};

}  // namespace penstock::broker
