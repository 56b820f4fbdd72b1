// All tasks that the broker knows, open and finished: a slab with stable positions, found by id.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "broker/core/keyed_hash.hpp"
#include "broker/core/task.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {

class TaskTable {
  public:
    // `hash_key` is random and known to nobody else (keyed_hash.hpp).
    explicit TaskTable(std::uint64_t hash_key = 0) : by_id_(0, KeyedHash{hash_key}) {}

    // Requires: the id is not known.
    TaskIndex add(const TaskId& id) {
        TaskIndex index = static_cast<TaskIndex>(slots_.size());
        if (free_.empty()) {
            slots_.emplace_back();
        } else {
            index = free_.back();
            free_.pop_back();
        }
        slots_[index].used = true;
        slots_[index].task.id = id;
        const bool inserted = by_id_.emplace(id, index).second;
        PENSTOCK_ASSERT(inserted);
        return index;
    }
    // Forgets the task. Its position will be given to another.
    void remove(TaskIndex index) {
        PENSTOCK_ASSERT(slots_[index].used);
        by_id_.erase(slots_[index].task.id);
        slots_[index] = {};
        free_.push_back(index);
    }
    // no_index if unknown.
    [[nodiscard]] TaskIndex find(const TaskId& id) const {
        const auto found = by_id_.find(id);
        return found == by_id_.end() ? no_index : found->second;
    }
    // Valid until the task is removed.
    [[nodiscard]] Task& operator[](TaskIndex index) { return slots_[index].task; }
    [[nodiscard]] const Task& operator[](TaskIndex index) const { return slots_[index].task; }

    // For walks in pages: positions run from 0 to capacity(), some of them unused.
    [[nodiscard]] TaskIndex capacity() const { return static_cast<TaskIndex>(slots_.size()); }
    [[nodiscard]] bool used(TaskIndex index) const { return slots_[index].used; }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

  private:
    struct Slot {
        Task task;
        bool used = false;
    };
    std::deque<Slot> slots_;  // a deque never moves what it holds
    std::vector<TaskIndex> free_;
    std::unordered_map<TaskId, TaskIndex, KeyedHash> by_id_;
};

}  // namespace penstock::broker
