// Finds tasks by id: positions only, as the ids are in the tasks. About 8 bytes a task, where a
// standard map has 56.
//
// Open addressing with linear probing and deletion that shifts back (Knuth, TAOCP 3, 6.4, algorithm
// R). In parts, chosen by the last bits of the hash, which grow one by one: no insertion waits for
// millions of others to move.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/core/keyed_hash.hpp"
#include "broker/core/task.hpp"

namespace penstock::broker {

class IdIndex {
  public:
    // `hash_key` is random and known to nobody else (keyed_hash.hpp).
    explicit IdIndex(std::uint64_t hash_key) : hash_{hash_key}, parts_(part_count) {}

    // `id_of(TaskIndex)` gives the id of a task that is in here.
    // no_index if there is none.
    template <typename IdOf>
    [[nodiscard]] TaskIndex find(const TaskId& id, const IdOf& id_of) const {
        const std::size_t hash = hash_(id);
        const Part& part = parts_[hash % part_count];
        if (part.places.empty()) {
            return no_index;
        }
        return part.places[place_of(part, hash, id, id_of)];
    }
    // Requires: the id is not in here.
    template <typename IdOf>
    void insert(const TaskId& id, TaskIndex index, const IdOf& id_of) {
        const std::size_t hash = hash_(id);
        Part& part = parts_[hash % part_count];
        if ((part.used + 1) * 4 > part.places.size() * 3) {
            grow(part, id_of);
        }
        part.places[place_of(part, hash, id, id_of)] = index;
        ++part.used;
        ++size_;
    }
    // Requires: it is in here, and so are the ids of its part's others.
    template <typename IdOf>
    void erase(const TaskId& id, const IdOf& id_of) {
        const std::size_t hash = hash_(id);
        Part& part = parts_[hash % part_count];
        close_gap(part, place_of(part, hash, id, id_of), id_of);
        --part.used;
        --size_;
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t part_count = 1'024;

    struct Part {
        std::vector<TaskIndex> places;  // none or a power of two; at most three quarters used
        std::size_t used = 0;
    };

    static std::size_t home_of(const Part& part, std::size_t hash) {
        return hash / part_count & (part.places.size() - 1);
    }
    static std::size_t after(const Part& part, std::size_t place) {
        return (place + 1) & (part.places.size() - 1);
    }

    // Where the id is, or where it would be put.
    template <typename IdOf>
    static std::size_t place_of(const Part& part, std::size_t hash, const TaskId& id,
                                const IdOf& id_of) {
        std::size_t place = home_of(part, hash);
        while (part.places[place] != no_index && id_of(part.places[place]) != id) {
            place = after(part, place);
        }
        return place;
    }
    template <typename IdOf>
    void grow(Part& part, const IdOf& id_of) {
        Part larger;
        larger.used = part.used;
        larger.places.assign(part.places.empty() ? 4 : part.places.size() * 2, no_index);
        for (const TaskIndex index : part.places) {
            if (index != no_index) {
                const TaskId& id = id_of(index);
                larger.places[place_of(larger, hash_(id), id, id_of)] = index;
            }
        }
        part = std::move(larger);
    }
    // Moves those behind the gap that would no longer be found across it.
    template <typename IdOf>
    void close_gap(Part& part, std::size_t gap, const IdOf& id_of) {
        const std::size_t mask = part.places.size() - 1;
        for (std::size_t place = after(part, gap); part.places[place] != no_index;
             place = after(part, place)) {
            const std::size_t home = home_of(part, hash_(id_of(part.places[place])));
            if (((place - home) & mask) >= ((place - gap) & mask)) {
                part.places[gap] = part.places[place];
                gap = place;
            }
        }
        part.places[gap] = no_index;
    }

    KeyedHash hash_;
    std::vector<Part> parts_;
    std::size_t size_ = 0;
};

}  // namespace penstock::broker
