#include "producer/client/gate.hpp"

#include <future>

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

// Whether somebody could enter within a moment; a false "no" needs a machine stuck for that long.
bool enters(std::future<void>& entering) {
    return entering.wait_for(std::chrono::milliseconds(20)) == std::future_status::ready;
}

TEST_CASE("a gate with any room lets anything in") {
    Gate gate(2, 2);
    gate.enter(1, 1);
    REQUIRE_FALSE(gate.is_full());
    gate.enter(100, 100);
    REQUIRE(gate.is_full());
    gate.leave(100, 100);
    REQUIRE_FALSE(gate.is_full());
}

TEST_CASE("a full gate holds the next one until there is room") {
    Gate gate(2, 100);
    gate.enter(2, 10);
    auto next = std::async(std::launch::async, [&] { gate.enter(1, 10); });
    REQUIRE_FALSE(enters(next));
    gate.leave(1, 5);
    next.get();
}

TEST_CASE("bytes fill the gate like tasks do") {
    Gate gate(100, 20);
    gate.enter(1, 20);
    REQUIRE(gate.is_full());
    auto next = std::async(std::launch::async, [&] { gate.enter(1, 10); });
    REQUIRE_FALSE(enters(next));
    gate.leave(1, 5);
    next.get();
}

TEST_CASE("who must not wait passes a full gate, which stays full") {
    Gate gate(1, 100);
    gate.enter(1, 1);
    gate.enter_at_once(1, 1);
    gate.leave(1, 1);
    auto next = std::async(std::launch::async, [&] { gate.enter(1, 1); });
    REQUIRE_FALSE(enters(next));
    gate.leave(1, 1);
    next.get();
}

TEST_CASE("closing lets everybody through") {
    Gate gate(1, 1);
    gate.enter(1, 1);
    auto next = std::async(std::launch::async, [&] { gate.enter(1, 1); });
    gate.close();
    next.get();
}

}  // namespace
}  // namespace penstock::client
