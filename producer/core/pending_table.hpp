// What PendingTasks knows of each task, found by id. Entries are used again, with what they have
// allocated, and lie close together: a client looks at each of its tasks half a dozen times.
//
// Thread rule: owned by one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "common/model/id_index.hpp"
#include "common/model/prefetch.hpp"
#include "producer/core/pending_entry.hpp"

namespace penstock::client {

class PendingTable {
    // First, as what calls it needs to know its type.
    [[nodiscard]] auto id_of() const {
        return
            [this](IdIndex::Position position) -> const TaskId& { return entries_[position].id; };
    }

  public:
    // `hash_key`: as IdIndex has it.
    explicit PendingTable(std::uint64_t hash_key) : by_id_(hash_key) {}

    // Null if there is none. Valid until it is removed.
    [[nodiscard]] PendingEntry* find(const TaskId& id) {
        const IdIndex::Position position = by_id_.find(id, id_of());
        return position == IdIndex::none ? nullptr : &entries_[position];
    }
    // The entry, and whether it is new.
    [[nodiscard]] std::pair<PendingEntry&, bool> add(const TaskId& id) {
        if (PendingEntry* const known = find(id)) {
            return {*known, false};
        }
        PendingEntry& entry = unused();
        entry.id = id;
        entry.is_used = true;
        by_id_.insert(id, entry.position, id_of());
        return {entry, true};
    }
    void remove(PendingEntry& entry) {
        by_id_.erase(entry.id, entry.position);
        entry.is_used = false;
        entry.stage = Waiting{};
        entry.watchers.clear();
        free_.push_back(entry.position);
    }

    // Gets what find() will look at for those behind the n-th on its way into the cache: first
    // what leads there in the index, then the entries. `id_of_item` gives an item's id.
    template <typename Items, typename IdOfItem>
    void prefetch_after(const Items& items, std::size_t n, const IdOfItem& id_of_item) const {
        if (n + 3 * tasks_ahead < items.size()) {
            by_id_.prefetch_part(id_of_item(items[n + 3 * tasks_ahead]));
        }
        if (n + 2 * tasks_ahead < items.size()) {
            by_id_.prefetch(id_of_item(items[n + 2 * tasks_ahead]));
        }
        if (n + tasks_ahead < items.size()) {
            const IdIndex::Position next = by_id_.likely(id_of_item(items[n + tasks_ahead]));
            if (next != IdIndex::none) {
                prefetch_object(entries_[next]);
            }
        }
    }

    // Calls `visit(PendingEntry&)` for each. It may remove that one, and add none.
    template <typename Visit>
    void for_each(const Visit& visit) {
        std::size_t left = size();
        for (auto entry = entries_.begin(); left > 0; ++entry) {
            if (entry->is_used) {
                --left;
                visit(*entry);
            }
        }
    }
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

  private:
    // When an entry is added while there is none, more than these are given back. Not sooner:
    // for_each() may be under way when the last one goes.
    static constexpr std::size_t kept_max = 16'384;

    PendingEntry& unused() {
        if (empty() && entries_.size() > kept_max) {
            entries_.clear();
            free_.clear();
        }
        if (free_.empty()) {
            PendingEntry& entry = entries_.emplace_back();
            entry.position = static_cast<IdIndex::Position>(entries_.size() - 1);
            return entry;
        }
        PendingEntry& entry = entries_[free_.back()];
        free_.pop_back();
        return entry;
    }

    std::deque<PendingEntry> entries_;
    std::vector<IdIndex::Position> free_;
    IdIndex by_id_;
};

}  // namespace penstock::client
