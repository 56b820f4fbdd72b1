#include "common/process/background_threads.hpp"

#include <sched.h>

namespace penstock::process {
namespace {

bool choose(int policy) {
    const sched_param none{};
    return ::sched_setscheduler(0, policy, &none) == 0;  // of this thread only
}

}  // namespace

BackgroundThreads::BackgroundThreads()
    : changed_(::sched_getscheduler(0) == SCHED_OTHER && choose(SCHED_BATCH)) {}

BackgroundThreads::~BackgroundThreads() {
    if (changed_) {
        static_cast<void>(choose(SCHED_OTHER));
    }
}

}  // namespace penstock::process
