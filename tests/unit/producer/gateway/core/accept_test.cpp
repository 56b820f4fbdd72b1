#include "producer/gateway/core/accept.hpp"

#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

using std::chrono::milliseconds;

Answered<Wanted> plainly(const char* accept) {
    return negotiate(accept, std::nullopt, false);
}

TEST_CASE("the closest range of Accept decides how well a type suits") {
    const Suitability named{500, 2};
    REQUIRE(suitability("image/jpeg;q=0.5, */*", "image/jpeg") == named);
    REQUIRE(suitability("*/*;q=0.1, image/*", "image/png") == Suitability{1000, 1});
    REQUIRE(suitability("", "image/png") == Suitability{1000, 0});
    REQUIRE(suitability("text/html", "image/png").permille == 0);
    REQUIRE(suitability("image/jpeg;q=2", "image/jpeg").permille == 0);
    REQUIRE(suitability("image/jpeg;q=0", "image/jpeg").permille == 0);
}

TEST_CASE("without a wish for pictures the answer is JSON") {
    for (const char* accept : {"", "*/*", "application/json", "application/json, image/*;q=0.5"}) {
        INFO(accept);
        REQUIRE_FALSE(plainly(accept)->picture);
    }
}

TEST_CASE("who asks for pictures gets one, in a format that is taken") {
    REQUIRE(plainly("image/*") == Wanted{true, Picture::jpeg});
    REQUIRE(plainly("image/jpeg") == Wanted{true, Picture::jpeg});
    REQUIRE(plainly("image/webp, image/png;q=0.9") == Wanted{true, Picture::webp});
    REQUIRE(plainly("text/html, image/webp, */*;q=0.8") == Wanted{true, Picture::webp});
    REQUIRE(negotiate("image/*", Picture::png, false) == Wanted{true, Picture::png});
}

TEST_CASE("a download is the picture, whatever Accept says") {
    REQUIRE(negotiate("application/json", std::nullopt, true) == Wanted{true, Picture::jpeg});
    REQUIRE(negotiate("*/*", Picture::webp, true) == Wanted{true, Picture::webp});
}

TEST_CASE("where nothing suits it is 406") {
    REQUIRE(plainly("text/html").error().status == 406);
    REQUIRE(negotiate("image/jpeg", Picture::png, false).error().status == 406);
}

TEST_CASE("callers wait as long as they say, up to the limit") {
    const Limits limits;
    REQUIRE(patience("", limits) == Patience{limits.wait, false, false});
    REQUIRE(patience("wait=5", limits) == Patience{milliseconds(5000), false, true});
    REQUIRE(patience("WAIT=0", limits) == Patience{milliseconds(0), false, true});
    REQUIRE(patience("respond-async, wait=10", limits) ==
            Patience{milliseconds(10'000), true, true});
    REQUIRE(patience("wait=999999", limits).wait == limits.wait_max);
    REQUIRE(patience("wait=1, wait=2", limits).wait == milliseconds(1000));
}

TEST_CASE("preferences that cannot be read are ignored") {
    const Limits limits;
    for (const char* prefer : {"wait", "wait=", "wait=-1", "wait=1.5", "wait=x", "wait=99999999999",
                               "return=minimal", ",,;", "await=5"}) {
        INFO(prefer);
        REQUIRE(patience(prefer, limits) == Patience{limits.wait, false, false});
    }
}

}  // namespace
}  // namespace penstock::gateway
