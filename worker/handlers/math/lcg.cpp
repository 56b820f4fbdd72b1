#include <limits>

#include "worker/handlers/math/numbers.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

constexpr std::uint32_t modulus = 99'991;
constexpr int steps = 1'000'000;
constexpr IntegerRange allowed{0, std::numeric_limits<std::int64_t>::max()};

// A linear congruential generator, run step by step on purpose: this is a CPU load, and a shortcut
// through modular powers would make it none.
std::int64_t generate(std::int64_t start) {
    // Reducing first changes nothing in the result and keeps every step within 32 bits.
    auto n = static_cast<std::uint32_t>(start % modulus);
    for (int i = 0; i < steps; ++i) {
        n = (n * 17 + 13) % modulus;
    }
    return n;
}

}  // namespace

// Each whole number n >= 0: a million times n = (n * 17 + 13) mod 99991. A pure CPU load of a few
// milliseconds per number; ends early when cancelled.
Result<Output> lcg(const Input& input, Context& context) {
    return for_each_number(input.args, [&context](const Value& value) -> Result<Value> {
        if (context.cancelled()) {
            return fail(ErrorCode::cancelled, "cancelled before this number");
        }
        return integer_from(value, allowed).map([](std::int64_t number) {
            return Value(generate(number));
        });
    });
}

}  // namespace penstock::worker::math
