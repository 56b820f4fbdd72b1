// The sieve of Eratosthenes over a range that need not fit in memory.
//
// Thread rule: a value on the stack of one handler.
#pragma once

#include <cstdint>
#include <vector>

namespace penstock::worker::math {

// Goes over the odd numbers of a range, window by window. A window is what a core's second-level
// cache holds (256 KiB), so that crossing out does not wait for memory.
class OddSieve {
  public:
    // Both ends belong to the range. Requires: 0 <= from <= to < 2^62.
    OddSieve(std::int64_t from, std::int64_t to);

    [[nodiscard]] bool done() const { return low_ > to_; }
    // Calls `found(prime)` for each odd prime of the next window, in order. Requires: !done().
    template <typename Found>
    void next_window(Found found) {
        const std::int64_t low = low_;
        cross_out();
        for (std::size_t i = 0; i < composite_.size(); ++i) {
            if (composite_[i] == 0) {
                found(low + 2 * static_cast<std::int64_t>(i));
            }
        }
    }
    // Where the next window begins.
    [[nodiscard]] std::int64_t position() const { return low_; }

  private:
    struct Divisor {
        std::int64_t prime;
        std::int64_t next;  // the first odd multiple that is not crossed out yet
    };

    // Fills composite_ for the window at low_ and moves low_ behind it.
    void cross_out();

    std::int64_t low_;  // odd
    std::int64_t to_;
    std::vector<Divisor> divisors_;        // the odd primes up to the root of to_
    std::vector<std::uint8_t> composite_;  // one for each odd number of the window
};

}  // namespace penstock::worker::math
