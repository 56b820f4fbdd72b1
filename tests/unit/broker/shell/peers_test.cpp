#include "broker/shell/peers.hpp"

#include <optional>

#include "tests/support/catch.hpp"
#include "tests/unit/common/transport/test_peers.hpp"

namespace penstock::broker {
namespace {

using transport::Dealer;
using transport::frames_of;
using transport::Router;

// Two messages fit into ZeroMQ's queues on each side; what the kernel takes comes on top.
constexpr transport::SocketLimits narrow{
    .frame_max_bytes = std::size_t{2} << 20U, .send_queue_max = 1, .receive_queue_max = 1};
constexpr TimePoint start{};
constexpr Duration patience = std::chrono::seconds(6);

// A broker's two sockets, and one producer that reads only when the test does.
struct House {
    transport::Context context;
    std::optional<transport::Context> theirs{std::in_place};
    Router frontend{context, narrow};
    Router backend{context, narrow};
    transport::Endpoint place = transport::bound(frontend);
    std::optional<Dealer> dealer{std::in_place, *theirs, place, narrow};
    Peers peers;
    SessionId session = no_session;

    House() {
        transport::send_when_connected(*dealer, frames_of({"hello"}));
        session = peers.session_of(Peers::Port::frontend, transport::next_of(frontend).peer);
    }
    bool send(const SharedBytes& bytes) {
        return peers.send(session, {bytes}, start, frontend, backend);
    }
    std::vector<SessionId> retry(TimePoint now = start) {
        return peers.retry(now, patience, frontend, backend);
    }
};

// Never less than the test, and more than sockets and kernel swallow.
SharedBytes numbered(std::uint8_t number, std::size_t size) {
    return SharedBytes::copy_of(std::string(size, static_cast<char>(number)));
}

TEST_CASE("what does not fit into a slow reader's queue follows in order") {
    House house;
    constexpr std::uint8_t count = 40;
    for (std::uint8_t number = 0; number < count; ++number) {
        REQUIRE(house.send(numbered(number, std::size_t{1} << 20U)));
    }
    REQUIRE(house.peers.has_kept());
    for (std::uint8_t number = 0; number < count; ++number) {
        CHECK(house.retry().empty());
        transport::Frames frames;
        while (!house.dealer->receive(frames)) {
            CHECK(house.retry().empty());
        }
        CHECK(frames.at(0).view().front() == std::byte{number});
    }
    CHECK_FALSE(house.peers.has_kept());
}

TEST_CASE("a reader that never reads is given up before it costs much memory") {
    House house;
    const SharedBytes large = numbered(1, std::size_t{1} << 20U);
    std::size_t taken = 0;
    while (taken < 200 && house.send(large)) {
        ++taken;
    }
    CHECK(taken > 60);
    CHECK(taken < 100);
    house.peers.forget(house.session);
    CHECK_FALSE(house.peers.has_kept());
}

TEST_CASE("a reader that takes nothing for too long is given up") {
    House house;
    // Much more than sockets and kernel swallow, so that nothing moves any more at the end.
    for (int n = 0; n < 40; ++n) {
        REQUIRE(house.send(numbered(1, std::size_t{1} << 20U)));
    }
    REQUIRE(house.peers.has_kept());
    CHECK(house.retry(start + patience - std::chrono::milliseconds(1)).empty());
    CHECK(house.peers.has_kept());
    std::vector<SessionId> gone;
    TimePoint now = start;
    for (int n = 0; n < 40 && gone.empty(); ++n) {
        now += 2 * patience;  // each time something moved, the patience counts anew
        gone = house.retry(now);
    }
    CHECK(gone == std::vector<SessionId>{house.session});
    CHECK_FALSE(house.peers.has_kept());
}

TEST_CASE("a reader that left is reported once, with what was kept for it") {
    House house;
    // Some of it may still go its way before the end is noticed, but not all.
    for (int n = 0; n < 40; ++n) {
        REQUIRE(house.send(numbered(1, std::size_t{1} << 20U)));
    }
    REQUIRE(house.peers.has_kept());
    house.dealer.reset();
    house.theirs.reset();  // waits until the connection is closed
    std::vector<SessionId> gone;
    const auto deadline = std::chrono::steady_clock::now() + transport::patience;
    while (gone.empty()) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        // ZeroMQ learns of the end where it reads, as the broker's loop always does.
        transport::Incoming nothing;
        CHECK_FALSE(house.frontend.receive(nothing));
        gone = house.retry();
    }
    CHECK(gone == std::vector<SessionId>{house.session});
    CHECK_FALSE(house.peers.has_kept());
}

}  // namespace
}  // namespace penstock::broker
