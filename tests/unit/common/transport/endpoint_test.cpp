#include "common/transport/endpoint.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::transport {
namespace {

TEST_CASE("an endpoint is tcp or ipc, and knows whether others can reach it") {
    struct Row {
        std::string text;
        Endpoint expected;
    };
    const Row row = GENERATE(values<Row>(
        {{"tcp://127.0.0.1:5750", {"tcp://127.0.0.1:5750", true}},
         {"tcp://127.8.9.10:1", {"tcp://127.8.9.10:1", true}},
         {"tcp://localhost:5750", {"tcp://127.0.0.1:5750", true}},
         {"tcp://[::1]:5750", {"tcp://[::1]:5750", true}},
         {"tcp://[fe80::1]:5750", {"tcp://[fe80::1]:5750", false}},
         {"tcp://*:5750", {"tcp://*:5750", false}},
         {"tcp://0.0.0.0:5750", {"tcp://0.0.0.0:5750", false}},
         {"tcp://127.0.0.1.example.org:1", {"tcp://127.0.0.1.example.org:1", false}},
         {"tcp://127.0.0:1", {"tcp://127.0.0:1", false}},
         {"tcp://broker-1.example.org:65535", {"tcp://broker-1.example.org:65535", false}},
         {"tcp://127.0.0.1:0", {"tcp://127.0.0.1:0", true}},
         {"tcp://127.0.0.1:05750", {"tcp://127.0.0.1:5750", true}},
         {"ipc:///run/penstock/broker.sock", {"ipc:///run/penstock/broker.sock", true}},
         {"ipc://broker.sock", {"ipc://broker.sock", true}}}));
    INFO(row.text);
    const Result<Endpoint> parsed = parse_endpoint(row.text);
    REQUIRE(parsed);
    CHECK(*parsed == row.expected);
}

TEST_CASE("what is no endpoint is refused with an example of one") {
    const std::string text = GENERATE(
        as<std::string>(), "", "127.0.0.1:5750", "tcp:127.0.0.1:5750", "TCP://127.0.0.1:5750",
        "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://:5750", "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:-1", "tcp://127.0.0.1:+1", "tcp://127.0.0.1:57x", "tcp://127.0.0.1:5750/",
        "tcp://a b:1", "tcp://::1:5750", "tcp://[::1:5750", "tcp://[nonsense]:5750",
        "tcp://eth0;10.0.0.1:5750", "tcp://user@host:1", "tcp://_x:1", "tcp://-x:1", "tcp://.:1",
        "inproc://name", "udp://127.0.0.1:1", "pgm://eth0;239.192.1.1:5555", "ipc://", "ipc://*",
        "ipc://@abstract");
    INFO(text);
    const Result<Endpoint> parsed = parse_endpoint(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::malformed);
    CHECK(parsed.error().message.find("tcp://127.0.0.1:5750") != std::string::npos);
}

TEST_CASE("an ipc path fits into a socket address") {
    CHECK(parse_endpoint("ipc://" + std::string(107, 'p')));
    CHECK_FALSE(parse_endpoint("ipc://" + std::string(108, 'p')));
    CHECK_FALSE(parse_endpoint("ipc://a" + std::string(1, '\0') + "b"));
}

TEST_CASE("a server is somewhere that one can connect to") {
    CHECK(parse_server_endpoint("tcp://localhost:5750") ==
          Result<Endpoint>(Endpoint{"tcp://127.0.0.1:5750", true}));
    CHECK(parse_server_endpoint("ipc:///run/broker.sock"));
    for (const std::string_view text : {"tcp://*:5750", "tcp://127.0.0.1:0", "tcp://nowhere"}) {
        INFO(text);
        const Result<Endpoint> parsed = parse_server_endpoint(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::malformed);
    }
}

}  // namespace
}  // namespace penstock::transport
