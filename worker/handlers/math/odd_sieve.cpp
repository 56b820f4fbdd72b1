#include "worker/handlers/math/odd_sieve.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::worker::math {
namespace {

constexpr std::int64_t window_numbers = std::int64_t{256} << 10U;  // a byte each

std::int64_t root_of(std::int64_t number) {
    auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(number)));
    // The conversion may have rounded to either side.
    while (root * root > number) {
        --root;
    }
    while ((root + 1) * (root + 1) <= number) {
        ++root;
    }
    return root;
}

std::vector<std::int64_t> odd_primes_up_to(std::int64_t max) {
    std::vector<std::int64_t> primes;
    std::vector<bool> composite(static_cast<std::size_t>(max + 1));
    for (std::int64_t n = 3; n <= max; n += 2) {
        if (composite[static_cast<std::size_t>(n)]) {
            continue;
        }
        primes.push_back(n);
        for (std::int64_t multiple = n * n; multiple <= max; multiple += 2 * n) {
            composite[static_cast<std::size_t>(multiple)] = true;
        }
    }
    return primes;
}

// Smaller multiples than the square have a smaller divisor, which crosses them out.
std::int64_t first_to_cross_out(std::int64_t prime, std::int64_t low) {
    const std::int64_t multiple = (low + prime - 1) / prime * prime;
    return std::max(prime * prime, multiple % 2 == 0 ? multiple + prime : multiple);
}

}  // namespace

OddSieve::OddSieve(std::int64_t from, std::int64_t to) : low_(from | 1), to_(to) {
    for (const std::int64_t prime : odd_primes_up_to(root_of(to))) {
        divisors_.push_back({prime, first_to_cross_out(prime, low_)});
    }
}

void OddSieve::cross_out() {
    const std::int64_t count = std::min(window_numbers, (to_ - low_) / 2 + 1);
    const std::int64_t behind = low_ + 2 * count;
    composite_.assign(static_cast<std::size_t>(count), 0);
    if (low_ == 1) {
        composite_[0] = 1;  // one is no prime
    }
    for (Divisor& divisor : divisors_) {
        if (divisor.prime * divisor.prime >= behind) {
            break;
        }
        std::int64_t index = (divisor.next - low_) / 2;
        for (; index < count; index += divisor.prime) {
            composite_[static_cast<std::size_t>(index)] = 1;
        }
        divisor.next = low_ + 2 * index;
    }
    low_ = behind;
}

}  // namespace penstock::worker::math
