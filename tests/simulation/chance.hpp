// Chance with a seed: the one source of everything that a simulation does not decide otherwise.
//
// Thread rule: a value.
#pragma once

#include <cstdint>

namespace penstock::simulation {

using Nanos = std::int64_t;
inline constexpr Nanos microsecond = 1'000;
inline constexpr Nanos millisecond = 1'000'000;
inline constexpr Nanos second = 1'000'000'000;
// What wall clocks show when a world begins, in Unix milliseconds.
inline constexpr std::int64_t first_unix_ms = 1'700'000'000'000;

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    // SplitMix64 (Steele, Lea and Flood 2014).
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    // 0 to bound - 1. Requires: bound > 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    std::size_t index(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
    // Requires: low <= high.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    Nanos time(Nanos low, Nanos high) {
        return low + static_cast<Nanos>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    bool percent(std::uint64_t percent) { return below(100) < percent; }
    // A source of its own, so that one party's deeds do not change another's luck.
    Chance split() { return Chance(next()); }

  private:
    std::uint64_t state_;
};

}  // namespace penstock::simulation
