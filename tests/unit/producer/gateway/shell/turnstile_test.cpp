#include "producer/gateway/shell/turnstile.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

TEST_CASE("as many as there are places go at once, the others in order when one leaves") {
    Turnstile turnstile(2);
    std::string gone;
    for (const char name : {'a', 'b', 'c', 'd'}) {
        turnstile.enter([&gone, name] { gone += name; });
    }
    REQUIRE(gone == "ab");
    turnstile.leave();
    REQUIRE(gone == "abc");
    turnstile.leave();
    turnstile.leave();
    turnstile.leave();
    REQUIRE(gone == "abcd");
    turnstile.enter([&gone] { gone += 'e'; });
    turnstile.enter([&gone] { gone += 'f'; });
    turnstile.enter([&gone] { gone += 'g'; });
    REQUIRE(gone == "abcdef");
}

TEST_CASE("who gives up is not let in, and who was let in cannot give up") {
    Turnstile turnstile(1);
    std::string gone;
    const auto first = turnstile.enter([&gone] { gone += 'a'; });
    const auto second = turnstile.enter([&gone] { gone += 'b'; });
    turnstile.enter([&gone] { gone += 'c'; });
    REQUIRE_FALSE(turnstile.give_up(first));
    REQUIRE(turnstile.give_up(second));
    REQUIRE_FALSE(turnstile.give_up(second));
    turnstile.leave();
    REQUIRE(gone == "ac");
}

}  // namespace
}  // namespace penstock::gateway
