// Tells ThreadSanitizer about hand-overs that cross libzmq, which is not instrumented: what one
// thread did before mark_released(p) happened before what another does after mark_acquired(p).
// Nothing in other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define PENSTOCK_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PENSTOCK_THREAD_SANITIZER 1
#endif
#endif

#ifdef PENSTOCK_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace penstock::transport {

inline void mark_released([[maybe_unused]] const void* address) {
#ifdef PENSTOCK_THREAD_SANITIZER
    __tsan_release(const_cast<void*>(address));
#endif
}

inline void mark_acquired([[maybe_unused]] const void* address) {
#ifdef PENSTOCK_THREAD_SANITIZER
    __tsan_acquire(const_cast<void*>(address));
#endif
}

}  // namespace penstock::transport
