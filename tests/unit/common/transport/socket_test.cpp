#include "common/transport/socket.hpp"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/unit/common/transport/test_peers.hpp"

namespace penstock::transport {
namespace {

using std::chrono::milliseconds;

void check_round_trip(Context& context, Router& router, const Endpoint& server) {
    Dealer dealer(context, server, test_limits);
    send_when_connected(dealer, frames_of({"question", "", std::string(100'000, 'q')}));
    const Incoming question = next_of(router);
    REQUIRE(question.frames.size() == 3);
    CHECK(text_of(question.frames[0]) == "question");
    CHECK(question.frames[1].empty());
    CHECK(text_of(question.frames[2]) == std::string(100'000, 'q'));

    REQUIRE(router.send(question.peer, frames_of({"answer"})) == SendStatus::sent);
    const Frames answer = next_of(dealer);
    REQUIRE(answer.size() == 1);
    CHECK(text_of(answer[0]) == "answer");
}

// What a killed process leaves behind: a socket that nobody listens on.
void leave_dead_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(descriptor >= 0);
    REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(descriptor);
}

TEST_CASE("messages go both ways over tcp") {
    Context context;
    Router router(context, test_limits);
    check_round_trip(context, router, bound(router));
}

TEST_CASE("messages go both ways over ipc") {
    const TemporaryFolder folder;
    Context context;
    Router router(context, test_limits);
    check_round_trip(context, router,
                     bound(router, "ipc://" + (folder.path() / "socket").string()));
}

TEST_CASE("a router listens at several places at once") {
    const TemporaryFolder folder;
    Context context;
    Router router(context, test_limits);
    const Endpoint tcp = bound(router);
    const Endpoint ipc = bound(router, "ipc://" + (folder.path() / "socket").string());
    check_round_trip(context, router, tcp);
    check_round_trip(context, router, ipc);
}

TEST_CASE("frames of every size arrive unchanged, shared or copied") {
    Context context;
    Router router(context, test_limits);
    Dealer dealer(context, bound(router), test_limits);
    // Around the sizes where libzmq and this folder change from copying to sharing.
    for (const std::size_t size : {1U, 33U, 34U, 511U, 512U, 513U, 8192U, 16383U, 16384U, 65537U}) {
        INFO(size);
        const std::string text(size, static_cast<char>('a' + size % 26));
        send_when_connected(dealer, frames_of({text}));
        const Incoming message = next_of(router);
        REQUIRE(message.frames.size() == 1);
        CHECK(text_of(message.frames[0]) == text);
    }
}

TEST_CASE("received frames outlive the sockets") {
    Frames kept;
    {
        Context context;
        Router router(context, test_limits);
        Dealer dealer(context, bound(router), test_limits);
        send_when_connected(dealer, frames_of({"small", std::string(50'000, 'x')}));
        kept = next_of(router).frames;
    }
    CHECK(text_of(kept.at(0)) == "small");
    CHECK(text_of(kept.at(1)) == std::string(50'000, 'x'));
}

TEST_CASE("a frame's share is given back when it has left") {
    const auto owner = std::make_shared<std::string>(std::size_t{64} << 10U, 'b');
    {
        Context context;
        Router router(context, test_limits);
        Dealer dealer(context, bound(router), test_limits);
        send_when_connected(dealer, {SharedBytes(owner, as_byte_view(*owner))});
        CHECK(text_of(next_of(router).frames.at(0)) == *owner);
    }
    CHECK(owner.use_count() == 1);
}

TEST_CASE("a router tells that a peer is gone") {
    Context context;
    Router router(context, test_limits);
    PeerKey peer;
    {
        Dealer dealer(context, bound(router), test_limits);
        send_when_connected(dealer, frames_of({"hello"}));
        peer = next_of(router).peer;
        REQUIRE(router.send(peer, frames_of({"welcome"})) == SendStatus::sent);
        CHECK(text_of(next_of(dealer).at(0)) == "welcome");
    }
    // The end of the connection reaches the router as an event without a message.
    Poller poller;
    poller.watch(router);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    SendStatus status = SendStatus::sent;
    while (status != SendStatus::peer_gone) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        status = router.send(peer, frames_of({"anybody there?"}));
        poller.wait(milliseconds(1));
    }
    CHECK(router.send("never seen", frames_of({"hello"})) == SendStatus::peer_gone);
}

TEST_CASE("a dealer without a connection is full, and sends nothing later") {
    const TemporaryFolder folder;
    const std::string path = "ipc://" + (folder.path() / "socket").string();
    Context context;
    Dealer dealer(context, endpoint(path), test_limits);
    CHECK(dealer.send(frames_of({"too early", "second frame"})) == SendStatus::full);

    Router router(context, test_limits);
    static_cast<void>(bound(router, path));
    send_when_connected(dealer, frames_of({"in time"}));
    CHECK(text_of(next_of(router).frames.at(0)) == "in time");
}

TEST_CASE("a full queue is reported at once and holds whole messages") {
    Context context;
    SocketLimits limits = test_limits;
    limits.send_queue_max = 4;
    limits.receive_queue_max = 4;
    Router router(context, limits);
    Dealer dealer(context, bound(router), limits);
    const std::string large(std::size_t{256} << 10U, 'f');
    send_when_connected(dealer, frames_of({"0", large}));
    const PeerKey peer = next_of(router).peer;
    std::size_t sent = 0;
    SendStatus status = SendStatus::sent;
    while (status == SendStatus::sent) {
        status = router.send(peer, frames_of({std::to_string(sent), large}));
        sent += status == SendStatus::sent ? 1 : 0;
        REQUIRE(sent < 10'000);
    }
    CHECK(status == SendStatus::full);
    for (std::size_t i = 0; i < sent; ++i) {
        const Frames message = next_of(dealer);
        REQUIRE(message.size() == 2);
        CHECK(text_of(message[0]) == std::to_string(i));
    }
    // What was refused did not arrive in part either.
    send_when_there_is_room(router, peer, frames_of({"end"}));
    CHECK(text_of(next_of(dealer).at(0)) == "end");
}

TEST_CASE("a place that is taken is refused, and the first one keeps it") {
    const TemporaryFolder folder;
    Context context;
    Router first(context, test_limits);
    const std::string path = "ipc://" + (folder.path() / "socket").string();
    const Endpoint place = GENERATE_COPY(false, true) ? bound(first, path) : bound(first);
    INFO(place.text);

    Router second(context, test_limits);
    const Result<std::string> refused = second.bind(place);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
    CHECK(refused.error().message.find(place.text) != std::string::npos);
    check_round_trip(context, first, place);
}

TEST_CASE("an ipc path is never taken from a file") {
    const TemporaryFolder folder;
    Context context;
    const auto file = folder.path() / "letter.txt";
    std::ofstream(file) << "dear broker";
    Router router(context, test_limits);
    const Result<std::string> refused = router.bind(endpoint("ipc://" + file.string()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
    CHECK(std::filesystem::file_size(file) == 11);
}

TEST_CASE("an ipc path is taken over from a dead process") {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "socket").string();
    leave_dead_socket(path);
    REQUIRE(std::filesystem::is_socket(path));
    Context context;
    Router router(context, test_limits);
    check_round_trip(context, router, bound(router, "ipc://" + path));
}

TEST_CASE("an address of another machine cannot be listened on") {
    Context context;
    Router router(context, test_limits);
    // TEST-NET-1 of RFC 5737: nobody has it.
    const Result<std::string> refused = router.bind(endpoint("tcp://192.0.2.1:0"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
}

TEST_CASE("a dealer can be replaced by assignment") {
    Context context;
    Router first(context, test_limits);
    Router second(context, test_limits);
    Dealer dealer(context, bound(first), test_limits);
    send_when_connected(dealer, frames_of({"to the first"}));
    CHECK(text_of(next_of(first).frames.at(0)) == "to the first");

    dealer = Dealer(context, bound(second), test_limits);
    send_when_connected(dealer, frames_of({"to the second"}));
    CHECK(text_of(next_of(second).frames.at(0)) == "to the second");
}

TEST_CASE("a closed dealer still delivers what it had sent") {
    Context context;
    Router router(context, test_limits);
    Dealer dealer(context, bound(router), test_limits);
    const std::string large(std::size_t{512} << 10U, 'g');
    send_when_connected(dealer, frames_of({"goodbye", large}));
    dealer.close(patience);
    const Incoming message = next_of(router);
    CHECK(text_of(message.frames.at(0)) == "goodbye");
    CHECK(text_of(message.frames.at(1)) == large);
}

TEST_CASE("the context seeds the generator that routing ids come from") {
    std::set<int> first_numbers;
    for (int i = 0; i < 8; ++i) {
        std::srand(1);
        const Context context;
        first_numbers.insert(std::rand());
    }
    // Equal ones would come from the fixed seed.
    CHECK(first_numbers.size() > 1);
}

}  // namespace
}  // namespace penstock::transport
