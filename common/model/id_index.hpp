// Finds the entries of a table by the ids of tasks: positions and part of the ids' hashes, as the
// ids are in the table. About 14 bytes an entry, where a standard map has 56.
//
// Open addressing with linear probing and deletion that shifts back (Knuth, TAOCP 3, 6.4, algorithm
// R). The hash beside the position spares a look at the entry, which is hardly ever in the cache,
// wherever it is another's. In parts, chosen by the last bits of the hash, which grow one by one:
// no insertion waits for millions of others to move.
//
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "common/model/assert.hpp"
#include "common/model/ids.hpp"
#include "common/model/keyed_hash.hpp"

namespace penstock {

class IdIndex {
  public:
    // In the table.
    using Position = std::uint32_t;
    static constexpr Position none = 0xFFFFFFFF;

    // `hash_key` is random and known to nobody else (keyed_hash.hpp).
    explicit IdIndex(std::uint64_t hash_key) : hash_{hash_key}, parts_(part_count) {}

    // `id_of(Position)` gives the id of an entry that is in here. `none` if it is not.
    template <typename IdOf>
    [[nodiscard]] Position find(const TaskId& id, const IdOf& id_of) const {
        const Hashed hashed = hash(id);
        const Part& part = parts_[hashed.part];
        return part.size == 0 ? none : part.places[place_of(part, hashed.rest, id, id_of)].position;
    }
    // Requires: the id is not in here.
    template <typename IdOf>
    void insert(const TaskId& id, Position position, const IdOf& id_of) {
        const Hashed hashed = hash(id);
        Part& part = parts_[hashed.part];
        if ((std::size_t{part.used} + 1) * 4 > std::size_t{part.size} * 3) {
            grow(part);
        }
        Place& place = part.places[place_of(part, hashed.rest, id, id_of)];
        PENSTOCK_ASSERT(place.position == none);
        place = {hashed.rest, position};
        ++part.used;
        ++size_;
    }
    // Requires: it is in here, at that position.
    void erase(const TaskId& id, Position position) {
        const Hashed hashed = hash(id);
        Part& part = parts_[hashed.part];
        std::size_t place = home_of(part, hashed.rest);
        while (part.places[place].position != position) {
            PENSTOCK_ASSERT(part.places[place].position != none);
            place = after(part, place);
        }
        close_gap(part, place);
        --part.used;
        --size_;
    }
    // Get what find() will look at on its way into the cache, for whoever looks for this id soon:
    // the part that it is in, and, when that has come, its place there.
    void prefetch_part(const TaskId& id) const { __builtin_prefetch(&parts_[hash(id).part]); }
    void prefetch(const TaskId& id) const {
        const Hashed hashed = hash(id);
        const Part& part = parts_[hashed.part];
        if (part.size > 0) {
            __builtin_prefetch(&part.places[home_of(part, hashed.rest)]);
        }
    }
    // The first entry whose hash is this id's, hardly ever another's, without a look at it; `none`
    // if there is none. For whoever prefetches entries.
    [[nodiscard]] Position likely(const TaskId& id) const {
        const Hashed hashed = hash(id);
        const Part& part = parts_[hashed.part];
        if (part.size == 0) {
            return none;
        }
        std::size_t place = home_of(part, hashed.rest);
        while (part.places[place].position != none && part.places[place].hash != hashed.rest) {
            place = after(part, place);
        }
        return part.places[place].position;
    }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t part_count = 1'024;

    struct Place {
        std::uint32_t hash = 0;  // the rest of it; says where it belongs in its part
        Position position = none;
    };
    // A quarter of a cache line: most are looked at for one id, and then not for a while.
    struct Part {
        std::unique_ptr<Place[]> places;
        std::uint32_t size = 0;  // of places: none or a power of two
        std::uint32_t used = 0;  // at most three quarters
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
        return hash & (part.size - 1);
    }
    static std::size_t after(const Part& part, std::size_t place) {
        return (place + 1) & (part.size - 1);
    }

    // Where the id is, or where it would be put.
    template <typename IdOf>
    static std::size_t place_of(const Part& part, std::uint32_t hash, const TaskId& id,
                                const IdOf& id_of) {
        std::size_t place = home_of(part, hash);
        while (part.places[place].position != none &&
               (part.places[place].hash != hash || id_of(part.places[place].position) != id)) {
            place = after(part, place);
        }
        return place;
    }
    static void grow(Part& part) {
        Part larger;
        larger.used = part.used;
        larger.size = part.size == 0 ? 4 : part.size * 2;
        larger.places = std::make_unique<Place[]>(larger.size);
        for (const Place& known : std::span(part.places.get(), part.size)) {
            if (known.position != none) {
                std::size_t place = home_of(larger, known.hash);
                while (larger.places[place].position != none) {
                    place = after(larger, place);
                }
                larger.places[place] = known;
            }
        }
        part = std::move(larger);
    }
    // Moves those behind the gap that would no longer be found across it.
    static void close_gap(Part& part, std::size_t gap) {
        const std::size_t mask = part.size - 1;
        for (std::size_t place = after(part, gap); part.places[place].position != none;
             place = after(part, place)) {
            const std::size_t home = home_of(part, part.places[place].hash);
            if (((place - home) & mask) >= ((place - gap) & mask)) {
                part.places[gap] = part.places[place];
                gap = place;
            }
        }
        part.places[gap].position = none;
    }

    KeyedHash hash_;
    std::vector<Part> parts_;
    std::size_t size_ = 0;
};

}  // namespace penstock
