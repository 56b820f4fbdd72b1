// All tasks that the broker knows, open and finished: a slab with stable positions, found by id.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <memory>
#include <vector>

#include "broker/core/id_index.hpp"
#include "broker/core/task.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {

class TaskTable {
    [[nodiscard]] auto id_of() const {
        return [this](TaskIndex index) -> const TaskId& { return (*this)[index].id; };
    }

  public:
    // `hash_key` is random and known to nobody else (keyed_hash.hpp).
    explicit TaskTable(std::uint64_t hash_key = 0) : by_id_(hash_key) {}

    // Requires: the id is not known.
    TaskIndex add(const TaskId& id) {
        PENSTOCK_ASSERT(find(id) == no_index);
        TaskIndex index = capacity();
        if (free_.empty()) {
            if (index % chunk_tasks == 0) {
                chunks_.push_back(std::make_unique<Task[]>(chunk_tasks));
            }
            used_.push_back(true);
        } else {
            index = free_.back();
            free_.pop_back();
            used_[index] = true;
        }
        (*this)[index].id = id;
        by_id_.insert(id, index, id_of());
        return index;
    }
    // Forgets the task. Its position will be given to another.
    void remove(TaskIndex index) {
        PENSTOCK_ASSERT(used_[index]);
        by_id_.erase((*this)[index].id, id_of());
        (*this)[index] = {};
        used_[index] = false;
        free_.push_back(index);
    }
    // no_index if unknown.
    [[nodiscard]] TaskIndex find(const TaskId& id) const { return by_id_.find(id, id_of()); }
    // Valid until the task is removed.
    [[nodiscard]] Task& operator[](TaskIndex index) {
        return chunks_[index / chunk_tasks][index % chunk_tasks];
    }
    [[nodiscard]] const Task& operator[](TaskIndex index) const {
        return chunks_[index / chunk_tasks][index % chunk_tasks];
    }

    // For walks in pages: positions run from 0 to capacity(), some of them unused.
    [[nodiscard]] TaskIndex capacity() const { return static_cast<TaskIndex>(used_.size()); }
    [[nodiscard]] bool used(TaskIndex index) const { return used_[index]; }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

  private:
    static constexpr TaskIndex chunk_tasks = 1'024;  // 128 KiB

    std::vector<std::unique_ptr<Task[]>> chunks_;  // never move what they hold
    std::vector<bool> used_;
    std::vector<TaskIndex> free_;
    IdIndex by_id_;
};

}  // namespace penstock::broker
