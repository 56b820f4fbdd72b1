#include "common/process/shutdown.hpp"

#include <csignal>

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

}  // namespace
}  // namespace penstock::process
