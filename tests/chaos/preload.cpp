// Preloaded into a process (LD_PRELOAD): its syncs become slow or fail, its writes fail, its wall
// clock jumps, as the page says at that moment. The calls go to the kernel directly, so nothing
// here depends on which library would have had its turn next.
//
// Thread rule: any thread; the page's numbers are read and written as atomics.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/chaos/fault_page.hpp"

namespace penstock::chaos {
namespace {

FaultPage* page = nullptr;  // null until the process has begun, and where no file is named

__attribute__((constructor)) void map_page() {
    const char* const path = std::getenv(fault_page_variable);
    if (path == nullptr) {
        return;
    }
    const int file = ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    void* const place =
        ::mmap(nullptr, sizeof(FaultPage), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (place != MAP_FAILED) {
        page = static_cast<FaultPage*>(place);
    }
}

template <typename Number>
Number now(Number& number) {
    return std::atomic_ref<Number>(number).load(std::memory_order_relaxed);
}

int sync_with(long call, int descriptor) {
    if (page != nullptr) {
        if (const int delay_ms = now(page->sync_delay_ms); delay_ms > 0) {
            std::atomic_ref<std::int32_t>(page->syncs_delayed).fetch_add(1);
            ::poll(nullptr, 0, delay_ms);
        }
        if (const int error = now(page->sync_errno); error != 0) {
            errno = error;
            return -1;
        }
    }
    return static_cast<int>(::syscall(call, descriptor));
}

}  // namespace
}  // namespace penstock::chaos

using penstock::chaos::now;
using penstock::chaos::page;
using penstock::chaos::sync_with;

extern "C" {

int fdatasync(int descriptor) {
    return sync_with(SYS_fdatasync, descriptor);
}

int fsync(int descriptor) {
    return sync_with(SYS_fsync, descriptor);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
    if (page != nullptr) {
        if (const int error = now(page->write_errno); error != 0) {
            errno = error;
            return -1;
        }
    }
    return ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}

// What the compiler calls where off_t has 64 bits by request.
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const auto told = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    if (told == 0 && page != nullptr && clock == CLOCK_REALTIME) {
        time->tv_sec += now(page->clock_offset_s);
    }
    return told;
}

}  // extern "C"
