#include "common/transport/poller.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <unistd.h>

#include "common/transport/spin.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/common/transport/test_peers.hpp"

namespace penstock::transport {
namespace {

using std::chrono::milliseconds;

// One of each kind that a poller watches.
struct Sources {
    Context context;
    Router router{context, test_limits};
    HandoffReceiver<int> receiver{context, "poller-test"};
    HandoffSender<int> sender{context, "poller-test"};
    std::array<int, 2> pipe_ends{};
    Poller poller;
    std::size_t socket = poller.watch(router);
    std::size_t handoff = poller.watch(receiver);
    std::size_t descriptor = 0;

    Sources() {
        REQUIRE(::pipe(pipe_ends.data()) == 0);
        descriptor = poller.watch(pipe_ends[0]);
    }
    Sources(const Sources&) = delete;
    Sources& operator=(const Sources&) = delete;
    ~Sources() {
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
    }
};

// Another thread sends, each time when the one before has been taken; looks again and again for it.
// Returns how many were found.
template <typename Send, typename Take>
int found_while_looking(Poller& poller, std::size_t index, const Send& send, const Take& take) {
    constexpr int rounds = 200;
    std::atomic<int> wanted = 0;
    std::thread sender([&] {
        for (int n = 1; n <= rounds; ++n) {
            while (wanted < n) {
                std::this_thread::yield();
            }
            send();
        }
    });
    Spin spin;
    int found = 0;
    for (int n = 1; n <= rounds; ++n) {
        const auto end = std::chrono::steady_clock::now() + patience;
        wanted = n;
        bool came = false;
        while (!came && std::chrono::steady_clock::now() < end) {
            came = poller.look(spin);
        }
        if (!came) {
            wanted = rounds;
            break;
        }
        found += poller.ready(index) ? 1 : 0;
        take();
    }
    sender.join();
    return found;
}

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
    Sources at;
    at.sender.send(std::make_unique<int>(1));
    at.poller.wait(patience);
    CHECK_FALSE(at.poller.ready(at.socket));
    CHECK(at.poller.ready(at.handoff));
    CHECK_FALSE(at.poller.ready(at.descriptor));

    REQUIRE(at.receiver.receive());
    REQUIRE(::write(at.pipe_ends[1], "x", 1) == 1);
    at.poller.wait(patience);
    CHECK_FALSE(at.poller.ready(at.handoff));
    CHECK(at.poller.ready(at.descriptor));
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

TEST_CASE("who looks again and again finds what comes meanwhile, of any kind") {
    if (!Spin::is_ever()) {
        WARN("not tested: on one core nobody looks again");
        return;
    }
    Sources at;

    Dealer dealer(at.context, bound(at.router), test_limits);
    CHECK(found_while_looking(
              at.poller, at.socket, [&] { send_when_connected(dealer, frames_of({"hello"})); },
              [&] { static_cast<void>(next_of(at.router)); }) == 200);
    CHECK(found_while_looking(
              at.poller, at.handoff, [&] { at.sender.send(std::make_unique<int>(1)); },
              [&] { CHECK(at.receiver.receive()); }) == 200);
    char byte = 0;
    CHECK(found_while_looking(
              at.poller, at.descriptor,
              [&] { static_cast<void>(::write(at.pipe_ends[1], "x", 1)); },
              [&] { CHECK(::read(at.pipe_ends[0], &byte, 1) == 1); }) == 200);
}

}  // namespace
}  // namespace penstock::transport
