#include "common/telemetry/metrics.hpp"

#include <arpa/inet.h>
#include <array>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace penstock::telemetry {
namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string http_get(int port, const std::string& path) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    REQUIRE(write(descriptor, request.data(), request.size()) ==
            static_cast<ssize_t>(request.size()));
    std::string answer;
    std::array<char, 4096> buffer{};
    for (ssize_t length = 0; (length = read(descriptor, buffer.data(), buffer.size())) > 0;) {
        answer.append(buffer.data(), static_cast<std::size_t>(length));
    }
    close(descriptor);
    return answer;
}

TEST_CASE("gauges and counters show with their labels") {
    Metrics metrics;
    metrics.gauge("penstock_level", "How high", {{"gate", "north"}}).set(3);
    metrics.counter("penstock_turns_total", "How often").add(2);
    metrics.counter("penstock_turns_total", "How often").add(1);
    const std::string text = metrics.text();
    REQUIRE(contains(text, "# HELP penstock_level How high"));
    REQUIRE(contains(text, "# TYPE penstock_level gauge"));
    REQUIRE(contains(text, "penstock_level{gate=\"north\"} 3"));
    REQUIRE(contains(text, "penstock_turns_total 3"));
}

TEST_CASE("the port serves what the metrics show") {
    Metrics metrics;
    metrics.gauge("penstock_level", "How high").set(7);
    const auto port = MetricsPort::open("127.0.0.1:0", metrics);
    REQUIRE(port);
    REQUIRE(contains(http_get(port->port(), "/metrics"), "penstock_level 7"));
}

TEST_CASE("a port in use is an error that says so") {
    Metrics metrics;
    const auto first = MetricsPort::open("127.0.0.1:0", metrics);
    REQUIRE(first);
    const auto second = MetricsPort::open("127.0.0.1:" + std::to_string(first->port()), metrics);
    REQUIRE_FALSE(second);
    REQUIRE(second.error().code == ErrorCode::unavailable);
    REQUIRE(contains(second.error().message, "in use"));
}

}  // namespace
}  // namespace penstock::telemetry
