// Asks for memory before it is needed. What a broker knows is far larger than the caches, and what
// a busy client knows is larger than those of its core: nearly each task that they look at has left
// them. Who goes through many asks for those ahead.
//
// Thread rule: any thread.
#pragma once

#include <cstddef>

namespace penstock {

inline constexpr std::size_t cache_line_bytes = 64;
// Who goes through tasks asks so many ahead, and once more as many where one thing says where the
// next is: the work on eight takes several times what memory takes to come.
inline constexpr std::size_t tasks_ahead = 8;

template <typename T>
void prefetch_object(const T& object) {
    const auto* const begin = reinterpret_cast<const char*>(&object);
    for (std::size_t at = 0; at < sizeof(T); at += cache_line_bytes) {
        __builtin_prefetch(begin + at);
    }
    if constexpr (alignof(T) < cache_line_bytes) {
        __builtin_prefetch(begin + sizeof(T) - 1);  // it may end in one line more
    }
}

}  // namespace penstock
