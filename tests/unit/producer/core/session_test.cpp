#include "producer/core/session.hpp"

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Action = Session::Action;

struct Peer {
    // Everything up to WELCOME.
    void open() {
        REQUIRE(session.advance(now) == Action::connect);
        REQUIRE(session.advance(now) == Action::hello);
        session.hello_sent(true, now);
        session.welcomed(terms, now);
    }
    void wait(Duration time) { now += time; }

    Session session{1};
    BrokerTerms terms;
    TimePoint now{std::chrono::hours(1)};
};

TEST_CASE("a session connects, greets and is open after the welcome") {
    Peer peer;
    peer.open();
    REQUIRE(peer.session.is_open());
    REQUIRE(peer.session.advance(peer.now) == Action::nothing);
}

TEST_CASE("a greeting that cannot leave yet is tried again soon, then more rarely") {
    Peer peer;
    REQUIRE(peer.session.advance(peer.now) == Action::connect);
    Duration waited{0};
    int tries = 0;
    while (waited < seconds(2)) {
        REQUIRE(peer.session.advance(peer.now) == Action::hello);
        peer.session.hello_sent(false, peer.now);
        REQUIRE(peer.session.advance(peer.now) == Action::nothing);
        const Duration pause = *peer.session.next_deadline() - peer.now;
        REQUIRE(pause >= milliseconds(1));
        REQUIRE(pause <= milliseconds(100));
        peer.wait(pause);
        waited += pause;
        ++tries;
    }
    REQUIRE(tries >= 20);
    REQUIRE(tries <= 30);
}

TEST_CASE("without a welcome the socket is replaced, after a wait that grows up to 15 s") {
    Peer peer;
    Duration last_wait{0};
    for (int round = 0; round < 12; ++round) {
        REQUIRE(peer.session.advance(peer.now) == Action::connect);
        REQUIRE(peer.session.advance(peer.now) == Action::hello);
        peer.session.hello_sent(true, peer.now);
        peer.wait(milliseconds(2999));
        REQUIRE(peer.session.advance(peer.now) == Action::nothing);
        peer.wait(milliseconds(1));
        REQUIRE(peer.session.advance(peer.now) == Action::disconnect);
        last_wait = *peer.session.next_deadline() - peer.now;
        REQUIRE(last_wait <= (round == 0 ? Duration(milliseconds(250)) : Duration(seconds(15))));
        peer.wait(last_wait);
    }
    REQUIRE(last_wait >= milliseconds(7500));
}

TEST_CASE("who has been silent for a heartbeat speaks up") {
    Peer peer;
    peer.open();
    peer.wait(milliseconds(999));
    REQUIRE(peer.session.advance(peer.now) == Action::nothing);
    peer.session.spoke(peer.now);
    peer.wait(milliseconds(999));
    REQUIRE(peer.session.advance(peer.now) == Action::nothing);
    peer.wait(milliseconds(1));
    REQUIRE(peer.session.advance(peer.now) == Action::heartbeat);
}

TEST_CASE("a broker that has been silent for too long is left and tried anew at once") {
    Peer peer;
    peer.open();
    peer.wait(seconds(5));
    peer.session.heard(peer.now);
    peer.wait(milliseconds(5999));
    peer.session.spoke(peer.now);
    REQUIRE(peer.session.advance(peer.now) == Action::nothing);
    peer.wait(milliseconds(1));
    REQUIRE(peer.session.advance(peer.now) == Action::disconnect);
    REQUIRE_FALSE(peer.session.is_open());
    REQUIRE(peer.session.advance(peer.now) == Action::connect);
}

TEST_CASE("a broker that forgot us is greeted again on the same socket, once") {
    Peer peer;
    peer.open();
    REQUIRE(peer.session.lost(peer.now));
    // Refusals of what had been sent before trail in.
    REQUIRE_FALSE(peer.session.lost(peer.now));
    REQUIRE(peer.session.advance(peer.now) == Action::hello);
    peer.session.hello_sent(true, peer.now);
    REQUIRE_FALSE(peer.session.lost(peer.now));
    REQUIRE(peer.session.advance(peer.now) == Action::nothing);
    peer.session.welcomed(peer.terms, peer.now);
    REQUIRE(peer.session.is_open());
}

TEST_CASE("a broker of another version is never tried again") {
    Peer peer;
    peer.open();
    peer.session.refused();
    REQUIRE(peer.session.is_refused());
    REQUIRE(peer.session.advance(peer.now) == Action::nothing);
    REQUIRE_FALSE(peer.session.next_deadline().has_value());
    peer.session.welcomed(peer.terms, peer.now);
    REQUIRE_FALSE(peer.session.is_open());
}

}  // namespace
}  // namespace penstock::client
