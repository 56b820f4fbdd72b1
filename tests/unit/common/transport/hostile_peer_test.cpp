// Peers that do not keep to the rules: none of them hurts the router or its other peers.
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <random>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "common/transport/socket.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/common/transport/test_peers.hpp"

namespace penstock::transport {
namespace {

// A plain tcp connection.
class RawConnection {
  public:
    explicit RawConnection(const Endpoint& server)
        : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        REQUIRE(descriptor_ >= 0);
        const std::string port = server.text.substr(server.text.rfind(':') + 1);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address),
                          sizeof address) == 0);
    }
    ~RawConnection() { ::close(descriptor_); }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    // The other side may have hung up by now, which is what a test expects of it.
    void send(const std::string& bytes) const {
        static_cast<void>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }

    // Sends no more and waits until the other side has hung up.
    void wait_for_end() const {
        ::shutdown(descriptor_, SHUT_WR);
        std::array<char, 256> ignored{};
        while (::recv(descriptor_, ignored.data(), ignored.size(), 0) > 0) {
        }
    }

  private:
    int descriptor_;
};

// A router with one honest peer, which must be served whatever happens.
struct House {
    Context context;
    Router router{context, test_limits};
    Endpoint place = bound(router);
    Dealer honest{context, place, test_limits};

    void check_alive() {
        send_when_connected(honest, frames_of({"question"}));
        // Garbage may look like a message of ZeroMQ 2, which had no handshake.
        Incoming question = next_of(router);
        while (question.frames.empty() || text_of(question.frames[0]) != "question") {
            question = next_of(router);
        }
        REQUIRE(router.send(question.peer, frames_of({"answer"})) == SendStatus::sent);
        REQUIRE(text_of(next_of(honest).at(0)) == "answer");
    }
};

TEST_CASE("a frame over the limit cuts its sender off and nobody else") {
    House house;
    house.check_alive();
    Dealer greedy(house.context, house.place, test_limits);
    send_when_connected(greedy, frames_of({"small"}));
    const PeerKey greedy_key = next_of(house.router).peer;

    const std::string too_large(test_limits.frame_max_bytes + 1, 'x');
    send_when_connected(greedy, frames_of({"header", too_large}));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    SendStatus status = SendStatus::sent;
    while (status != SendStatus::peer_gone) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        house.check_alive();
        status = house.router.send(greedy_key, frames_of({"still there?"}));
    }
}

TEST_CASE("a frame just within the limit is let in") {
    House house;
    send_when_connected(house.honest, frames_of({std::string(test_limits.frame_max_bytes, 'x')}));
    CHECK(next_of(house.router).frames.at(0).size() == test_limits.frame_max_bytes);
}

TEST_CASE("a message of too many frames arrives without any, and the next one whole") {
    Context context;
    SocketLimits limits = test_limits;
    limits.frames_max = 3;
    Router router(context, limits);
    Dealer dealer(context, bound(router), limits);
    send_when_connected(dealer, frames_of({"1", "2", "3", "4"}));
    send_when_connected(dealer, frames_of({"a", "b", "c"}));
    CHECK(next_of(router).frames.empty());
    const Incoming message = next_of(router);
    REQUIRE(message.frames.size() == 3);
    CHECK(text_of(message.frames[0]) == "a");

    REQUIRE(router.send(message.peer, frames_of({"1", "2", "3", "4"})) == SendStatus::sent);
    REQUIRE(router.send(message.peer, frames_of({"end"})) == SendStatus::sent);
    CHECK(next_of(dealer).empty());
    CHECK(text_of(next_of(dealer).at(0)) == "end");
}

TEST_CASE("bytes that are no ZeroMQ hurt nobody") {
    House house;
    std::mt19937 random(20'240'607);
    std::uniform_int_distribution<int> byte(0, 255);
    for (int round = 0; round < 50; ++round) {
        std::string garbage(static_cast<std::size_t>(1 + round * 7), '\0');
        for (char& c : garbage) {
            c = static_cast<char>(byte(random));
        }
        const RawConnection connection(house.place);
        connection.send(garbage);
        // libzmq 4.3.4 aborts if a router closes in the middle of some handshakes.
        connection.wait_for_end();
    }
    house.check_alive();
}

TEST_CASE("a peer that speaks ZeroMQ 2 gets in, with frames for the codec to refuse") {
    House house;
    const RawConnection connection(house.place);
    // An empty routing id, then one frame; there is no handshake.
    connection.send(std::string("\1\0\x08\0garbage", 11));
    CHECK(text_of(next_of(house.router).frames.at(0)) == "garbage");
    house.check_alive();
}

TEST_CASE("connections that say nothing or something else hurt nobody") {
    House house;
    const RawConnection silent(house.place);
    const RawConnection web(house.place);
    web.send("GET / HTTP/1.1\r\nHost: broker\r\n\r\n");
    const RawConnection half_a_greeting(house.place);
    half_a_greeting.send(std::string("\xff\0\0\0\0\0\0\0\1\x7f\3", 11));
    house.check_alive();
}

TEST_CASE("a frame that claims to be huge allocates nothing and hurts nobody") {
    House house;
    const RawConnection connection(house.place);
    // The greeting of ZMTP 3.0 with the NULL mechanism, READY of a DEALER, then a frame of 2^60.
    std::string greeting("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16);
    greeting.resize(64, '\0');
    connection.send(greeting);
    connection.send(std::string("\4\x1c\5READY\x0bSocket-Type\0\0\0\6DEALER", 30));
    connection.send(std::string("\2\x10\0\0\0\0\0\0\0", 9) + std::string(100, 'x'));
    house.check_alive();
}

TEST_CASE("peers that come and go leave nothing behind") {
    House house;
    for (int round = 0; round < 50; ++round) {
        Dealer dealer(house.context, house.place, test_limits);
        send_when_connected(dealer, frames_of({"hello"}));
        const Incoming hello = next_of(house.router);
        static_cast<void>(house.router.send(hello.peer, frames_of({"welcome"})));
    }
    house.check_alive();
}

}  // namespace
}  // namespace penstock::transport
