// Number crunching, and two types that do nothing but take time.
//
// double, square, sum and lcg take an array of numbers; all but sum take a single number as well.
// Whole numbers stay exact: what does not fit 64 bits with sign is rejected, never rounded.
//
// Thread rule: as in handler.hpp.
#pragma once

#include "worker/handlers/handler.hpp"

namespace penstock::worker::math {

// [1, 2.5] gives [2, 5.0].
[[nodiscard]] Result<Output> double_each(const Input& input, Context& context);
// [1, 2.5] gives [1, 6.25].
[[nodiscard]] Result<Output> square_each(const Input& input, Context& context);
// [1, 2, 3] gives 6. One floating-point element makes the whole sum floating-point.
[[nodiscard]] Result<Output> sum(const Input& input, Context& context);
// Each whole number n >= 0: a million times n = (n * 17 + 13) mod 99991. A pure CPU load of a few
// milliseconds per number; ends early when cancelled.
[[nodiscard]] Result<Output> lcg(const Input& input, Context& context);
// {"ms": N}: waits, computing nothing; ends early when cancelled. Gives {"slept_ms": N}.
[[nodiscard]] Result<Output> sleep(const Input& input, Context& context);
// {"ms": N, "ignore_cancel": false}: computes for N milliseconds of the thread's own CPU time.
// Gives {"iterations": how often the loop went round}.
[[nodiscard]] Result<Output> spin(const Input& input, Context& context);

}  // namespace penstock::worker::math
