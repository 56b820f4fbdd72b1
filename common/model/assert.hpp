// PENSTOCK_ASSERT: a broken invariant ends the process, in release builds too. Never for input
// from a peer or a person; that is an Error.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace penstock::detail {
[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) {
    static_cast<void>(
        std::fprintf(stderr, "penstock: broken invariant: %s (%s:%d)\n", condition, file, line));
    std::abort();
}
}  // namespace penstock::detail

#define PENSTOCK_ASSERT(condition)      \
    ((condition) ? static_cast<void>(0) \
                 : ::penstock::detail::assertion_failed(#condition, __FILE__, __LINE__))
