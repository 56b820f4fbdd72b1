#include "common/process/shutdown.hpp"

#include <csignal>
#include <poll.h>

#include "common/process/spawn.hpp"
#include "tests/support/catch.hpp"

namespace penstock::process {
namespace {

TEST_CASE("termination signals wait in the queue, in no need of a handler") {
    SignalQueue signals;
    REQUIRE_FALSE(signals.next());
    REQUIRE(raise(SIGTERM) == 0);
    REQUIRE(signals.next() == SIGTERM);
    REQUIRE(raise(SIGINT) == 0);
    REQUIRE(signals.next() == SIGINT);
    REQUIRE_FALSE(signals.next());
    SignalQueue::unblock_all();
}

TEST_CASE("a terminal that closes asks to stop, unless hanging up is ignored") {
    {
        SignalQueue signals;
        REQUIRE(raise(SIGHUP) == 0);
        CHECK(signals.next() == SIGHUP);
        SignalQueue::unblock_all();
    }
    REQUIRE(std::signal(SIGHUP, SIG_IGN) != SIG_ERR);
    SignalQueue signals;
    REQUIRE(raise(SIGHUP) == 0);
    CHECK_FALSE(signals.next());
    REQUIRE(std::signal(SIGHUP, SIG_DFL) != SIG_ERR);
    SignalQueue::unblock_all();
}

TEST_CASE("the end of a child is told to a program that was started with SIGCHLD ignored") {
    REQUIRE(std::signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    SignalQueue signals(true);
    auto child = spawn({"/bin/sh", {"-c", "exit 7"}, {}});
    REQUIRE(child);
    pollfd told{signals.descriptor(), POLLIN, 0};
    CHECK(poll(&told, 1, 10'000) == 1);
    CHECK(signals.next() == SIGCHLD);
    const auto end = child->reap();
    CHECK((end && end->code == 7));
    static_cast<void>(std::signal(SIGCHLD, SIG_DFL));
    SignalQueue::unblock_all();
}

}  // namespace
}  // namespace penstock::process
