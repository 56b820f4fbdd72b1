// All tasks that the broker knows, open and finished: a slab with stable positions, found by id.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "broker/core/task.hpp"
#include "common/model/assert.hpp"
#include "common/model/id_index.hpp"
#include "common/model/prefetch.hpp"

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
        TaskIndex index = capacity();
        if (free_.empty()) {
            if (index % chunk_tasks == 0) {
                chunks_.push_back(std::make_unique<Chunk>());
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
        by_id_.erase((*this)[index].id, index);
        (*this)[index] = {};
        used_[index] = false;
        free_.push_back(index);
    }
    // no_index if unknown.
    [[nodiscard]] TaskIndex find(const TaskId& id) const { return by_id_.find(id, id_of()); }
    // The same for somebody who knows where it was: without a search, if it still is.
    [[nodiscard]] TaskIndex find_at(TaskIndex index, const TaskId& id) const {
        return is_at(index, id) ? index : find(id);
    }
    // Whether that task is at that position, which may be any number.
    [[nodiscard]] bool is_at(TaskIndex index, const TaskId& id) const {
        return index < capacity() && used_[index] && (*this)[index].id == id;
    }
    // Get on their way into the cache what find() and operator[] look at first, for whoever calls
    // them some tasks later: the part of the index before the place in it. `index` may be any
    // number.
    void prefetch_part(const TaskId& id) const { by_id_.prefetch_part(id); }
    void prefetch(const TaskId& id) const { by_id_.prefetch(id); }
    void prefetch(TaskIndex index) const {
        if (index < capacity()) {
            prefetch_object((*this)[index]);
        }
    }
    // What belongs to its runs, and to the last one's output, or its body. They wait for the task
    // itself, or its runs, if those are not in the cache.
    void prefetch_run(TaskIndex index) const {
        if (index < capacity()) {
            (*this)[index].prefetch_run();
        }
    }
    void prefetch_output(TaskIndex index) const {
        if (index < capacity()) {
            (*this)[index].prefetch_output();
        }
    }
    void prefetch_body(TaskIndex index) const {
        if (index < capacity()) {
            (*this)[index].body.prefetch();
        }
    }
    // Valid until the task is removed.
    [[nodiscard]] Task& operator[](TaskIndex index) {
        return (*chunks_[index / chunk_tasks])[index % chunk_tasks];
    }
    [[nodiscard]] const Task& operator[](TaskIndex index) const {
        return (*chunks_[index / chunk_tasks])[index % chunk_tasks];
    }

    // For walks in pages: positions run from 0 to capacity(), some of them unused.
    [[nodiscard]] TaskIndex capacity() const { return static_cast<TaskIndex>(used_.size()); }
    [[nodiscard]] bool used(TaskIndex index) const { return used_[index]; }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

  private:
    static constexpr TaskIndex chunk_tasks = 1'024;
    // 128 KiB; of a size that is known, since an array on the heap has its length before it, and
    // its tasks would be in three cache lines instead of two.
    using Chunk = std::array<Task, chunk_tasks>;

    std::vector<std::unique_ptr<Chunk>> chunks_;  // never move what they hold
    std::vector<bool> used_;
    std::vector<TaskIndex> free_;
    IdIndex by_id_;
};

}  // namespace penstock::broker
