#include "producer/cli/progress_bar.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

TEST_CASE("the bar fills with what is done") {
    const auto draw = [](std::size_t done) {
        return render_progress({.done = done, .total = 4, .elapsed = milliseconds(2500)});
    };
    REQUIRE(draw(0) == "[                        ] 0/4, 2.5 s");
    REQUIRE(draw(2) == "[############            ] 2/4, 2.5 s");
    REQUIRE(draw(4) == "[########################] 4/4, 2.5 s");
}

TEST_CASE("failures are told, and an unknown total is not guessed") {
    REQUIRE(render_progress({.done = 7, .failed = 2, .total = {}, .elapsed = milliseconds(100)}) ==
            "7 done, 2 failed, 100 ms");
}

TEST_CASE("nothing to do is a full bar of nothing") {
    REQUIRE(render_progress({.done = 0, .total = 0, .elapsed = milliseconds(10)}) ==
            "[                        ] 0/0, 10 ms");
}

}  // namespace
}  // namespace penstock::cli
