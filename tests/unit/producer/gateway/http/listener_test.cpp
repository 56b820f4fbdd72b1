#include "producer/gateway/http/listener.hpp"

#include "tests/support/catch.hpp"

namespace penstock::gateway::http {
namespace {

TEST_CASE("addresses are read with and without scheme, and local ones are known") {
    const auto local = parse_address("http://127.0.0.1:3000");
    REQUIRE(local->host == "127.0.0.1");
    REQUIRE(local->port == "3000");
    REQUIRE(local->is_local);
    REQUIRE(parse_address("localhost:80/")->is_local);
    REQUIRE(parse_address("http://[::1]:8080")->host == "::1");
    REQUIRE_FALSE(parse_address("http://0.0.0.0:3000")->is_local);
    REQUIRE_FALSE(parse_address("*:3000")->is_local);
    REQUIRE_FALSE(parse_address("http://example.org:3000")->is_local);
}

TEST_CASE("what is no address is refused with an example") {
    for (const char* text : {"", "3000", "http://", "https://127.0.0.1:3000", "http://a:b",
                             "http://127.0.0.1:99999", "ipc:///tmp/x", "http://a:1/path"}) {
        INFO(text);
        const auto address = parse_address(text);
        REQUIRE_FALSE(address);
        REQUIRE(address.error().message.find("http://127.0.0.1:3000") != std::string::npos);
    }
}

TEST_CASE("port 0 becomes one that is free, and one that is taken is told") {
    const auto listener = listen_at({"127.0.0.1", "0", true});
    REQUIRE(listener);
    const std::string url = url_of(*listener);
    REQUIRE(url.starts_with("http://127.0.0.1:"));
    REQUIRE_FALSE(url.ends_with(":0"));
    const auto second = listen_at(*parse_address(url));
    REQUIRE(second.error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace penstock::gateway::http
