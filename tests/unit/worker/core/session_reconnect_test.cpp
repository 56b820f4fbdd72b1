#include "tests/unit/worker/core/session_bench.hpp"

namespace penstock::worker {
namespace {

using std::chrono::seconds;

TEST_CASE("a silent broker is left, and joined again through a new socket") {
    SessionBench bench;
    bench.serve();
    bench.tick(seconds(6));
    REQUIRE(bench.take<Disconnect>().size() == 1);
    REQUIRE(bench.session.stage() == Stage::joining);
    bench.tick(seconds(1));
    REQUIRE(bench.take<Connect>().size() == 1);
    REQUIRE(bench.take_sent<protocol::Join>().size() == 1);
}

TEST_CASE("a broker that forgot the session is joined again through the same socket") {
    SessionBench bench;
    bench.serve();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    REQUIRE(bench.take<Connect>().empty());
    REQUIRE(bench.take_sent<protocol::Join>().size() == 1);
    bench.receive(SessionBench::welcome(1));
    REQUIRE(bench.session.stage() == Stage::serving);
}

TEST_CASE("joining again names the leases that are held: unsettled, running and waiting") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.dispatch({2, 3}, "math.sleep");
    bench.finish(0, lease(1));
    bench.effects.clear();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    const auto joins = bench.take_sent<protocol::Join>();
    REQUIRE(joins[0].held == std::vector<Lease>{lease(1), lease(2), lease(3)});
}

TEST_CASE("unsettled outcomes are sent again after joining again, and not before") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2, 3}, "math.double");
    bench.finish(0, lease(1));
    bench.finish(0, lease(2));
    bench.receive(protocol::Settled{{1}, {lease(1).task}});
    bench.effects.clear();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    bench.finish(0, lease(3));
    REQUIRE(bench.take_sent<protocol::OutcomeBatch>().empty());
    bench.receive(SessionBench::welcome(1));
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].outcomes.size() == 2);
    REQUIRE(sent[0].outcomes[0].lease == lease(2));
    REQUIRE(sent[0].outcomes[1].lease == lease(3));
}

TEST_CASE("work goes on while the broker is away") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2}, "math.sleep");
    bench.tick(seconds(6));
    bench.effects.clear();
    bench.finish(1, lease(1));
    const auto batches = bench.take<HandOver>();
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].work[0].lease == lease(2));
}

TEST_CASE("a new epoch voids what is held: waiting work, running work and outcomes") {
    SessionBench bench;
    bench.serve(1);
    bench.dispatch({1, 4}, "math.double");
    bench.finish(0, lease(1));
    bench.dispatch({2, 3}, "math.sleep");
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    bench.effects.clear();
    bench.receive(SessionBench::welcome(2));
    // The outcome of 1 is forgotten, 2 and 4 are asked to stop, 3 never starts.
    REQUIRE(bench.take_sent<protocol::OutcomeBatch>().empty());
    REQUIRE(bench.take<Cancel>().size() == 2);
    REQUIRE(bench.take<TakeBack>().size() == 2);
    bench.give_back(0, lease(4));
    bench.finish(1, lease(2), Error{ErrorCode::cancelled, ""});
    REQUIRE(bench.take<HandOver>().empty());
    REQUIRE(bench.take_sent<protocol::OutcomeBatch>().empty());
    REQUIRE(bench.take_sent<protocol::Returned>().empty());
    // And the worker serves the new life of the broker.
    bench.dispatch({5}, "math.double");
    REQUIRE(bench.take<HandOver>().size() == 1);
}

TEST_CASE("void work that does not stop within its grace ends the process") {
    SessionBench bench;
    bench.serve(1);
    bench.dispatch({1}, "math.double", std::chrono::milliseconds(0));
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    bench.receive(SessionBench::welcome(2));
    bench.tick(seconds(4));
    REQUIRE(bench.take<Kill>().empty());
    bench.tick(seconds(1));
    const auto kills = bench.take<Kill>();
    REQUIRE(kills.size() == 1);
    REQUIRE(kills[0].doomed.size() == 1);
    REQUIRE(kills[0].doomed[0].lease == lease(1, 1));
    REQUIRE(kills[0].doomed[0].fate == protocol::Fate::being_cancelled);
}

TEST_CASE("work that is held over a loss of contact can be stopped afterwards") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.dispatch({2, 3}, "math.sleep");
    bench.tick(seconds(6));
    bench.tick(seconds(1));
    bench.receive(SessionBench::welcome(1));
    bench.effects.clear();
    bench.receive(protocol::Stop{{1}, seconds(2), {lease(1), lease(3)}});
    REQUIRE(bench.take<Cancel>().size() == 1);
    // What waited for a slot ends at once, what runs when it likes, within the grace.
    REQUIRE(bench.take_sent<protocol::OutcomeBatch>()[0].outcomes[0].lease == lease(3));
    bench.finish(0, lease(1), Error{ErrorCode::failed, "stopped"});
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent[0].outcomes[0].lease == lease(1));
    REQUIRE(sent[0].outcomes[0].error->code == ErrorCode::cancelled);
    bench.tick(seconds(3));
    REQUIRE(bench.take<Kill>().empty());
}

TEST_CASE("a void attempt that runs is not named when joining again") {
    SessionBench bench;
    bench.serve(1);
    bench.dispatch({1}, "math.double");
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    bench.receive(SessionBench::welcome(2));
    bench.effects.clear();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    REQUIRE(bench.take_sent<protocol::Join>()[0].held.empty());
}

TEST_CASE("settling of another epoch forgets nothing") {
    SessionBench bench;
    bench.serve(2);
    bench.receive(protocol::Dispatch{{2}, {{"math.double", "default", {}, {{lease(1, 2), {}}}}}});
    bench.finish(0, lease(1, 2));
    bench.receive(protocol::Settled{{1}, {lease(1).task}});
    bench.effects.clear();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    REQUIRE(bench.take_sent<protocol::Join>()[0].held.size() == 1);
}

TEST_CASE("messages from a socket that has been dropped are ignored") {
    SessionBench bench;
    bench.serve();
    bench.tick(seconds(6));
    bench.effects.clear();
    bench.dispatch({1}, "math.double");
    REQUIRE(bench.take<HandOver>().empty());
}

TEST_CASE("no more leases are named than a message may hold") {
    SessionBench bench;
    bench.serve();
    for (int i = 0; i < 1'100; ++i) {
        bench.dispatch({static_cast<std::uint8_t>(i % 250)}, "math.sleep");
    }
    bench.effects.clear();
    bench.receive(protocol::Refusal{{ErrorCode::no_session, ""}, {}, {}});
    REQUIRE(bench.take_sent<protocol::Join>()[0].held.size() == 1'024);
}

}  // namespace
}  // namespace penstock::worker
