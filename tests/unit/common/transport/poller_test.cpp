#include "common/transport/poller.hpp"

#include <array>
#include <chrono>
#include <string>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/common/transport/test_peers.hpp"

namespace penstock::transport {
namespace {

using std::chrono::milliseconds;

TEST_CASE("a poller waits no shorter than it was asked to") {
    Poller poller;
    const auto begin = std::chrono::steady_clock::now();
    poller.wait(std::chrono::microseconds(1500));
    CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::microseconds(1500));
}

TEST_CASE("a poller that is asked for nothing only looks") {
    Context context;
    Router router(context, test_limits);
    Poller poller;
    const std::size_t index = poller.watch(router);
    poller.wait(milliseconds(0));
    CHECK_FALSE(poller.ready(index));
    // A deadline that has passed is a look, too, and never an endless wait.
    poller.wait(milliseconds(-5));
    CHECK_FALSE(poller.ready(index));
}

TEST_CASE("a poller tells which of several is readable") {
    Context context;
    Router router(context, test_limits);
    HandoffReceiver<int> receiver(context, "poller-test");
    HandoffSender<int> sender(context, "poller-test");
    std::array<int, 2> pipe_ends{};
    REQUIRE(::pipe(pipe_ends.data()) == 0);

    Poller poller;
    const std::size_t socket = poller.watch(router);
    const std::size_t handoff = poller.watch(receiver);
    const std::size_t descriptor = poller.watch(pipe_ends[0]);
    sender.send(std::make_unique<int>(1));
    poller.wait(patience);
    CHECK_FALSE(poller.ready(socket));
    CHECK(poller.ready(handoff));
    CHECK_FALSE(poller.ready(descriptor));

    REQUIRE(receiver.receive());
    REQUIRE(::write(pipe_ends[1], "x", 1) == 1);
    poller.wait(patience);
    CHECK_FALSE(poller.ready(handoff));
    CHECK(poller.ready(descriptor));
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
}

TEST_CASE("after clear a poller watches the new ones") {
    Context context;
    Router old_router(context, test_limits);
    Router router(context, test_limits);
    Dealer dealer(context, bound(router), test_limits);
    Poller poller;
    poller.watch(old_router);
    poller.clear();
    const std::size_t index = poller.watch(router);
    CHECK(index == 0);
    send_when_connected(dealer, frames_of({"hello"}));
    poller.wait(patience);
    CHECK(poller.ready(index));
}

}  // namespace
}  // namespace penstock::transport
