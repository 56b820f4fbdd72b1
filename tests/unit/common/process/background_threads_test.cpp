#include "common/process/background_threads.hpp"

#include <sched.h>
#include <thread>

#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

const sched_param none{};

// The policy of a thread that began with this one, after it has been in the background.
int policy_after(int chosen) {
    int policy = -1;
    std::thread([&] {
        ::sched_setscheduler(0, chosen, &none);
        { const BackgroundThreads background; }
        policy = ::sched_getscheduler(0);
    }).join();
    return policy;
}

int policy_of_new_thread() {
    int policy = -1;
    std::thread([&] { policy = ::sched_getscheduler(0); }).join();
    return policy;
}

bool may_choose() {
    const int policy = ::sched_getscheduler(0);
    return policy == SCHED_OTHER && policy_after(SCHED_BATCH) == SCHED_BATCH;
}

}  // namespace

TEST_CASE("threads that begin meanwhile run in the background, this one does not afterwards") {
    if (!may_choose()) {
        WARN("not tested: this process may not choose how its threads run");
        return;
    }
    {
        const BackgroundThreads background;
        CHECK(policy_of_new_thread() == SCHED_BATCH);
    }
    CHECK(::sched_getscheduler(0) == SCHED_OTHER);
    CHECK(policy_of_new_thread() == SCHED_OTHER);
}

TEST_CASE("a policy that somebody has chosen is left alone") {
    if (!may_choose()) {
        WARN("not tested: this process may not choose how its threads run");
        return;
    }
    CHECK(policy_after(SCHED_IDLE) == SCHED_IDLE);
}

}  // namespace penstock::process
