#include "tests/unit/common/transport/test_peers.hpp"

#include <cstdlib>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace penstock::transport {
namespace {

using Clock = std::chrono::steady_clock;

template <typename Socket>
void wait_for_message(Socket& socket) {
    Poller poller;
    const std::size_t index = poller.watch(socket);
    poller.wait(patience);
    REQUIRE(poller.ready(index));
}

// There is no event for a connection or for room, so the poller's clock paces the attempts.
template <typename Socket, typename Send>
void send_when_possible(Socket& socket, Send send) {
    const auto deadline = Clock::now() + patience;
    Poller poller;
    poller.watch(socket);
    while (send() != SendStatus::sent) {
        REQUIRE(Clock::now() < deadline);
        poller.wait(std::chrono::milliseconds(1));
    }
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string text = std::filesystem::temp_directory_path() / "penstock-XXXXXX";
    REQUIRE(::mkdtemp(text.data()) != nullptr);
    path_ = text;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Endpoint endpoint(const std::string& text) {
    const Result<Endpoint> parsed = parse_endpoint(text);
    REQUIRE(parsed);
    return *parsed;
}

Endpoint bound(Router& router, const std::string& text) {
    const Result<std::string> real = router.bind(endpoint(text));
    INFO((real ? std::string() : real.error().message));
    REQUIRE(real);
    return endpoint(*real);
}

Frames frames_of(std::initializer_list<std::string_view> texts) {
    Frames frames;
    for (const std::string_view text : texts) {
        frames.push_back(SharedBytes::copy_of(text));
    }
    return frames;
}

std::string text_of(const SharedBytes& frame) {
    return std::string(as_text(frame.view()));
}

Incoming next_of(Router& router) {
    Incoming message;
    const auto deadline = Clock::now() + patience;
    while (!router.receive(message)) {
        REQUIRE(Clock::now() < deadline);
        wait_for_message(router);
    }
    return message;
}

Frames next_of(Dealer& dealer) {
    Frames frames;
    const auto deadline = Clock::now() + patience;
    while (!dealer.receive(frames)) {
        REQUIRE(Clock::now() < deadline);
        wait_for_message(dealer);
    }
    return frames;
}

void send_when_connected(Dealer& dealer, const Frames& frames) {
    send_when_possible(dealer, [&] { return dealer.send(frames); });
}

void send_when_there_is_room(Router& router, const PeerKey& peer, const Frames& frames) {
    send_when_possible(router, [&] { return router.send(peer, frames); });
}

}  // namespace penstock::transport
