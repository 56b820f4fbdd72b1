#include "bench/system/window.hpp"

#include <future>

#include "bench/system/measured.hpp"
#include "tests/support/catch.hpp"

namespace penstock::bench {
namespace {

TEST_CASE("a window gives what is free, up to what is wanted") {
    Window window(5);
    CHECK(window.take(1, 2, steady_now()) == 2);
    CHECK(window.take(1, 9, steady_now()) == 3);
    CHECK(window.take(1, 1, steady_now()) == 0);
}

TEST_CASE("a window gives less than the least to nobody") {
    Window window(5);
    CHECK(window.take(3, 3, steady_now()) == 3);
    CHECK(window.take(3, 3, steady_now()) == 0);
    CHECK(window.take(2, 3, steady_now()) == 2);
}

TEST_CASE("a window is drained when all has been given back") {
    Window window(2);
    REQUIRE(window.take(2, 2, steady_now()) == 2);
    CHECK_FALSE(window.drain(steady_now()));
    std::future<bool> drained =
        std::async(std::launch::async, [&] { return window.drain(steady_now() + patience); });
    window.give_back();
    window.give_back();
    CHECK(drained.get());
}

}  // namespace
}  // namespace penstock::bench
