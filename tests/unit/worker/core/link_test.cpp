#include "worker/core/link.hpp"

#include "tests/support/catch.hpp"

namespace penstock::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Due = Link::Due;

constexpr TimePoint start{seconds(100)};

Link joined_link() {
    Link link(LinkLimits{}, 1);
    link.started(start);
    link.welcomed(start, seconds(1), seconds(6));
    return link;
}

TEST_CASE("a new link connects at once") {
    Link link(LinkLimits{}, 1);
    REQUIRE(link.due(start) == Due::connect);
    REQUIRE_FALSE(link.connected());
}

TEST_CASE("without a welcome in three seconds the socket is dropped") {
    Link link(LinkLimits{}, 1);
    link.started(start);
    REQUIRE(link.connected());
    REQUIRE_FALSE(link.joined());
    REQUIRE(link.due(start + milliseconds(2'999)) == Due::nothing);
    REQUIRE(link.due(start + seconds(3)) == Due::disconnect);
    REQUIRE_FALSE(link.connected());
}

TEST_CASE("pauses between sockets double up to their maximum, less up to half at random") {
    Link link(LinkLimits{}, 7);
    TimePoint now = start;
    Duration expected = milliseconds(250);
    for (int i = 0; i < 8; ++i) {
        link.dropped(now);
        const Duration pause = link.next_due() - now;
        REQUIRE(pause <= expected);
        REQUIRE(pause >= expected / 2);
        expected = std::min<Duration>(expected * 2, seconds(5));
        now = link.next_due();
        REQUIRE(link.due(now) == Due::connect);
        link.started(now);
    }
}

TEST_CASE("a welcome makes the next pause short again") {
    Link link(LinkLimits{}, 7);
    for (int i = 0; i < 8; ++i) {
        link.dropped(start);
    }
    link.started(start);
    link.welcomed(start, seconds(1), seconds(6));
    link.dropped(start);
    REQUIRE(link.next_due() - start <= milliseconds(250));
}

TEST_CASE("a silent worker sends a heartbeat every second") {
    Link link = joined_link();
    REQUIRE(link.due(start + milliseconds(999)) == Due::nothing);
    REQUIRE(link.due(start + seconds(1)) == Due::heartbeat);
    link.sent(start + seconds(1));
    link.heard(start + seconds(1));
    REQUIRE(link.next_due() == start + seconds(2));
}

TEST_CASE("a worker that talks and hears needs no heartbeat") {
    Link link = joined_link();
    link.sent(start + milliseconds(900));
    link.heard(start + milliseconds(900));
    REQUIRE(link.due(start + seconds(1)) == Due::nothing);
}

TEST_CASE("a worker that talks to a silent broker asks for a sign of life") {
    Link link = joined_link();
    link.sent(start + milliseconds(900));
    REQUIRE(link.due(start + seconds(1)) == Due::heartbeat);
}

TEST_CASE("six seconds of silence end the connection, heartbeats or not") {
    Link link = joined_link();
    for (int second = 1; second < 6; ++second) {
        REQUIRE(link.due(start + seconds(second)) == Due::heartbeat);
        link.sent(start + seconds(second));
    }
    REQUIRE(link.due(start + seconds(6)) == Due::disconnect);
    REQUIRE_FALSE(link.joined());
}

TEST_CASE("the broker's intervals are obeyed") {
    Link link(LinkLimits{}, 1);
    link.started(start);
    link.welcomed(start, milliseconds(200), milliseconds(800));
    REQUIRE(link.due(start + milliseconds(200)) == Due::heartbeat);
    REQUIRE(link.due(start + milliseconds(800)) == Due::disconnect);
}

}  // namespace
}  // namespace penstock::worker
