#include "tests/unit/worker/core/session_bench.hpp"

namespace penstock::worker {
namespace {

using std::chrono::seconds;

TEST_CASE("an idle worker leaves at once when it drains") {
    SessionBench bench;
    bench.serve();
    bench.session.drain(bench.now, seconds(30));
    bench.settle();
    REQUIRE(bench.take_sent<protocol::Drain>().size() == 1);
    REQUIRE(bench.take_sent<protocol::Goodbye>().size() == 1);
    REQUIRE(bench.take<Leave>().size() == 1);
    REQUIRE(bench.session.stage() == Stage::gone);
}

TEST_CASE("a worker that never reached the broker leaves at once, too") {
    SessionBench bench;
    bench.tick();
    bench.session.drain(bench.now, seconds(30));
    bench.settle();
    const auto leaves = bench.take<Leave>();
    REQUIRE(leaves.size() == 1);
    REQUIRE_FALSE(leaves[0].error);
}

TEST_CASE("a draining worker returns what waits, finishes what runs, and waits to be settled") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2}, "math.sleep");
    bench.effects.clear();
    bench.session.drain(bench.now, seconds(30));
    bench.settle();
    REQUIRE(bench.session.stage() == Stage::draining);
    REQUIRE(bench.take_sent<protocol::Returned>()[0].leases == std::vector<Lease>{lease(2)});
    bench.finish(1, lease(1));
    REQUIRE(bench.take_sent<protocol::OutcomeBatch>().size() == 1);
    REQUIRE(bench.take<Leave>().empty());
    bench.receive(protocol::Settled{{1}, {lease(1).task}});
    REQUIRE(bench.take_sent<protocol::Goodbye>().size() == 1);
    REQUIRE(bench.take<Leave>().size() == 1);
}

TEST_CASE("a draining worker takes back what lies with its slots") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2}, "math.double");
    bench.effects.clear();
    bench.session.drain(bench.now, seconds(30));
    bench.settle();
    REQUIRE(bench.take<TakeBack>().size() == 2);
    bench.give_back(0, lease(2));
    REQUIRE(bench.take_sent<protocol::Returned>()[0].leases == std::vector<Lease>{lease(2)});
}

TEST_CASE("work that crosses the drain on the wire is returned unstarted") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.session.drain(bench.now, seconds(30));
    bench.settle();
    bench.effects.clear();
    bench.dispatch({2}, "math.double");
    REQUIRE(bench.take<HandOver>().empty());
    REQUIRE(bench.take_sent<protocol::Returned>()[0].leases == std::vector<Lease>{lease(2)});
}

TEST_CASE("the drain's deadline ends the wait, giving the rest back by goodbye") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.session.drain(bench.now, seconds(3));
    bench.settle();
    bench.effects.clear();
    bench.tick(seconds(2));
    REQUIRE(bench.take<Leave>().empty());
    bench.tick(seconds(1));
    REQUIRE(bench.take_sent<protocol::Goodbye>().size() == 1);
    REQUIRE(bench.take<Leave>().size() == 1);
}

TEST_CASE("leaving says goodbye and is final") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.effects.clear();
    bench.session.leave();
    bench.session.leave();
    bench.settle();
    REQUIRE(bench.take_sent<protocol::Goodbye>().size() == 1);
    REQUIRE(bench.take<Leave>().size() == 1);
    bench.dispatch({2}, "math.double");
    bench.tick(seconds(10));
    REQUIRE(bench.effects.empty());
}

TEST_CASE("a draining worker that joins again goes on draining") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.session.drain(bench.now, seconds(30));
    bench.settle();
    bench.effects.clear();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    bench.receive(SessionBench::welcome(1));
    REQUIRE(bench.take_sent<protocol::Join>().size() == 1);
    REQUIRE(bench.take_sent<protocol::Drain>().size() == 1);
    REQUIRE(bench.session.stage() == Stage::draining);
}

}  // namespace
}  // namespace penstock::worker
