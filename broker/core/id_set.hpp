// A set of ids that only grows: open addressing with linear probing in one piece of memory, filled
// from two thirds to five sixths, so 19 to 24 bytes an id.
//
// Thread rule: belongs to one thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "common/model/keyed_hash.hpp"

namespace penstock::broker {

class IdSet {
  public:
    // `hash` has to be the same in all calls of one set.
    [[nodiscard]] bool contains(const TaskId& id, const KeyedHash& hash) const {
        if (id.is_zero()) {
            return has_zero_;
        }
        return !places_.empty() && !places_[place_of(places_, id, hash)].is_zero();
    }
    // Returns whether it is new.
    bool insert(const TaskId& id, const KeyedHash& hash) {
        if (id.is_zero()) {
            return !std::exchange(has_zero_, true);
        }
        if ((used_ + 1) * 6 > places_.size() * 5) {
            grow(hash);
        }
        TaskId& place = places_[place_of(places_, id, hash)];
        if (!place.is_zero()) {
            return false;
        }
        place = id;
        ++used_;
        return true;
    }
    // Gets the place of this id on its way into the cache.
    void prefetch(const TaskId& id, const KeyedHash& hash) const {
        if (!places_.empty()) {
            __builtin_prefetch(&places_[home_of(places_, id, hash)]);
        }
    }
    [[nodiscard]] std::size_t size() const { return used_ + (has_zero_ ? 1 : 0); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    // In no order.
    [[nodiscard]] std::vector<TaskId> all() const {
        std::vector<TaskId> ids;
        ids.reserve(size());
        for (const TaskId& id : places_) {
            if (!id.is_zero()) {
                ids.push_back(id);
            }
        }
        if (has_zero_) {
            ids.emplace_back();
        }
        return ids;
    }

  private:
    // Any number of places will do: the hash is scaled.
    static std::size_t home_of(const std::vector<TaskId>& places, const TaskId& id,
                               const KeyedHash& hash) {
        return (hash(id) >> 32U) * places.size() >> 32U;
    }
    // Where the id is, or where it would be put.
    static std::size_t place_of(const std::vector<TaskId>& places, const TaskId& id,
                                const KeyedHash& hash) {
        std::size_t place = home_of(places, id, hash);
        while (!places[place].is_zero() && places[place] != id) {
            place = place + 1 == places.size() ? 0 : place + 1;
        }
        return place;
    }
    void grow(const KeyedHash& hash) {
        constexpr std::size_t places_min = 4;
        std::vector<TaskId> more(places_.size() + places_.size() / 4 + places_min);
        for (const TaskId& id : places_) {
            if (!id.is_zero()) {
                more[place_of(more, id, hash)] = id;
            }
        }
        places_ = std::move(more);
    }

    std::vector<TaskId> places_;  // all zeros: free
    std::size_t used_ = 0;
    bool has_zero_ = false;
};

}  // namespace penstock::broker
