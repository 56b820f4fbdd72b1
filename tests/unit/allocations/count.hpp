// Counts what the thread allocates with `new`, in programs that are linked with count.cpp.
#pragma once

#include <cstdint>

namespace penstock::test {

// So far, by this thread.
[[nodiscard]] std::uint64_t allocations();

// Of one call.
template <typename Act>
[[nodiscard]] std::uint64_t allocations_of(const Act& act) {
    const std::uint64_t before = allocations();
    act();
    return allocations() - before;
}

}  // namespace penstock::test
