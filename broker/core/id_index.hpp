// Finds tasks by id: positions and part of the ids' hashes, as the ids are in the tasks. About 14
// bytes a task, where a standard map has 56.
//
// Open addressing with linear probing and deletion that shifts back (Knuth, TAOCP 3, 6.4, algorithm
// R). The hash beside the position spares a look at the task, which is hardly ever in the cache,
// wherever it is another's. In parts, chosen by the last bits of the hash, which grow one by one:
// no insertion waits for millions of others to move.
//
// Thread rule: belongs to the scheduler's thread.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/core/keyed_hash.hpp"
#include "broker/core/task.hpp"
#include "common/model/assert.hpp"

namespace penstock::broker {

class IdIndex {
  public:
    // `hash_key` is random and known to nobody else (keyed_hash.hpp).
    explicit IdIndex(std::uint64_t hash_key) : hash_{hash_key}, parts_(part_count) {}

    // `id_of(TaskIndex)` gives the id of a task that is in here.
    // no_index if there is none.
    template <typename IdOf>
    [[nodiscard]] TaskIndex find(const TaskId& id, const IdOf& id_of) const {
        const Hashed hashed = hash(id);
        const Part& part = parts_[hashed.part];
        return part.places.empty() ? no_index
                                   : part.places[place_of(part, hashed.rest, id, id_of)].task;
    }
    // Requires: the id is not in here.
    template <typename IdOf>
    void insert(const TaskId& id, TaskIndex index, const IdOf& id_of) {
        const Hashed hashed = hash(id);
        Part& part = parts_[hashed.part];
        if ((part.used + 1) * 4 > part.places.size() * 3) {
            grow(part);
        }
        Place& place = part.places[place_of(part, hashed.rest, id, id_of)];
        PENSTOCK_ASSERT(place.task == no_index);
        place = {hashed.rest, index};
        ++part.used;
        ++size_;
    }
    // Requires: it is in here, as that task.
    void erase(const TaskId& id, TaskIndex index) {
        const Hashed hashed = hash(id);
        Part& part = parts_[hashed.part];
        std::size_t place = home_of(part, hashed.rest);
        while (part.places[place].task != index) {
            PENSTOCK_ASSERT(part.places[place].task != no_index);
            place = after(part, place);
        }
        close_gap(part, place);
        --part.used;
        --size_;
    }
    // Gets the place of this id on its way into the cache, for whoever looks for it soon.
    void prefetch(const TaskId& id) const {
        const Hashed hashed = hash(id);
        const Part& part = parts_[hashed.part];
        if (!part.places.empty()) {
            __builtin_prefetch(&part.places[home_of(part, hashed.rest)]);
        }
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t part_count = 1'024;

    struct Place {
        std::uint32_t hash = 0;  // the rest of it; says where it belongs in its part
        TaskIndex task = no_index;
    };
    struct Part {
        std::vector<Place> places;  // none or a power of two; at most three quarters used
        std::size_t used = 0;
    };
    struct Hashed {
        std::size_t part;
        std::uint32_t rest;
    };

    [[nodiscard]] Hashed hash(const TaskId& id) const {
        const std::size_t whole = hash_(id);
        return {whole % part_count, static_cast<std::uint32_t>(whole / part_count)};
    }
    static std::size_t home_of(const Part& part, std::uint32_t hash) {
        return hash & (part.places.size() - 1);
    }
    static std::size_t after(const Part& part, std::size_t place) {
        return (place + 1) & (part.places.size() - 1);
    }

    // Where the id is, or where it would be put.
    template <typename IdOf>
    static std::size_t place_of(const Part& part, std::uint32_t hash, const TaskId& id,
                                const IdOf& id_of) {
        std::size_t place = home_of(part, hash);
        while (part.places[place].task != no_index &&
               (part.places[place].hash != hash || id_of(part.places[place].task) != id)) {
            place = after(part, place);
        }
        return place;
    }
    static void grow(Part& part) {
        Part larger;
        larger.used = part.used;
        larger.places.resize(part.places.empty() ? 4 : part.places.size() * 2);
        for (const Place& known : part.places) {
            if (known.task != no_index) {
                std::size_t place = home_of(larger, known.hash);
                while (larger.places[place].task != no_index) {
                    place = after(larger, place);
                }
                larger.places[place] = known;
            }
        }
        part = std::move(larger);
    }
    // Moves those behind the gap that would no longer be found across it.
    static void close_gap(Part& part, std::size_t gap) {
        const std::size_t mask = part.places.size() - 1;
        for (std::size_t place = after(part, gap); part.places[place].task != no_index;
             place = after(part, place)) {
            const std::size_t home = home_of(part, part.places[place].hash);
            if (((place - home) & mask) >= ((place - gap) & mask)) {
                part.places[gap] = part.places[place];
                gap = place;
            }
        }
        part.places[gap].task = no_index;
    }

    KeyedHash hash_;
    std::vector<Part> parts_;
    std::size_t size_ = 0;
};

}  // namespace penstock::broker
