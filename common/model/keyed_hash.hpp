// Hashes ids that strangers choose: who does not know the key cannot make ids that collide, each of
// which would make finding the others slower.
//
// Thread rule: a value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/ids.hpp"

namespace penstock {

struct KeyedHash {
    std::uint64_t key = 0;

    template <typename Tag>
    std::size_t operator()(const Id128<Tag>& id) const noexcept {
        return static_cast<std::size_t>(mix(mix(id.head() ^ key) ^ id.tail()));
    }

  private:
    // The finalizer of splitmix64 (Steele, Lea, Flood 2014): every bit of the input changes every
    // bit of the output.
    static std::uint64_t mix(std::uint64_t bits) {
        bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
        return bits ^ (bits >> 31U);
    }
};

}  // namespace penstock
