#include "worker/core/session.hpp"

#include "tests/unit/worker/core/session_bench.hpp"

namespace penstock::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a new session connects and joins, telling who it is") {
    SessionBench bench;
    REQUIRE(bench.session.stage() == Stage::joining);
    bench.tick();
    REQUIRE(bench.effects.size() == 2);
    REQUIRE(std::holds_alternative<Connect>(bench.effects[0]));
    const auto joins = bench.take_sent<protocol::Join>();
    REQUIRE(joins.size() == 1);
    REQUIRE(joins[0].worker == bench_settings().worker);
    REQUIRE(joins[0].slots == bench_settings().slots);
    REQUIRE(joins[0].types.size() == 2);
    REQUIRE(joins[0].queues == std::vector<std::string>{"default"});
    REQUIRE(joins[0].labels == std::vector<std::string>{"zone=b"});
    REQUIRE(joins[0].held.empty());
}

TEST_CASE("a welcome begins the service") {
    SessionBench bench;
    bench.tick();
    bench.receive(SessionBench::welcome(5));
    REQUIRE(bench.session.stage() == Stage::serving);
    REQUIRE(bench.session.epoch() == Epoch{5});
}

TEST_CASE("a dispatched task goes to a slot of its class and its outcome to the broker") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.sleep");
    const auto batches = bench.take<HandOver>();
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].slot == 1);
    REQUIRE(batches[0].work[0].type == "math.sleep");
    bench.finish(1, lease(1));
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].outcomes[0].lease == lease(1));
    REQUIRE(sent[0].outcomes[0].thread == 1);
}

TEST_CASE("outcomes of one turn share a message") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2}, "math.double");
    bench.session.finished(0, {lease(1), 0, {}, {}, {}}, bench.now);
    bench.session.finished(0, {lease(2), 0, {}, {}, {}}, bench.now);
    bench.settle();
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].outcomes.size() == 2);
}

TEST_CASE("a type that the worker does not offer is answered with no_handler") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.unknown");
    REQUIRE(bench.take<HandOver>().empty());
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].outcomes[0].error->code == ErrorCode::no_handler);
}

TEST_CASE("a dispatch of another epoch is ignored") {
    SessionBench bench;
    bench.serve(2);
    bench.receive(protocol::Dispatch{{1}, {{"math.double", "default", {}, {{lease(1), {}}}}}});
    REQUIRE(bench.take<HandOver>().empty());
}

TEST_CASE("a result that the broker would not take is rejected, saying so") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.finish(0, lease(1), {}, 1'001);
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent[0].outcomes[0].error->code == ErrorCode::rejected);
    REQUIRE(sent[0].outcomes[0].output.payload.empty());
    REQUIRE(sent[0].outcomes[0].error->message.find("1001 bytes") != std::string::npos);
}

TEST_CASE("a result whose two bodies do not fit a message together is rejected, saying so") {
    SessionSettings settings = bench_settings();
    settings.batches.message_bytes_max = 1'500;
    SessionBench bench(settings);
    bench.serve();
    bench.dispatch({1, 2}, "math.double");
    const auto bytes = [](std::size_t count) {
        return SharedBytes::copy_of(std::string(count, 'x'));
    };
    bench.session.finished(0, {lease(1), 0, {}, {}, {bytes(750), bytes(750)}}, bench.now);
    bench.session.finished(0, {lease(2), 0, {}, {}, {bytes(750), bytes(751)}}, bench.now);
    bench.settle();
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent.size() == 2);
    REQUIRE_FALSE(sent[0].outcomes[0].error.has_value());
    const protocol::Outcome& second = sent[1].outcomes[0];
    REQUIRE(second.error.has_value());
    REQUIRE(second.error->code == ErrorCode::rejected);
    REQUIRE(second.error->message.find("1501 bytes") != std::string::npos);
    REQUIRE(second.output.size_bytes() == 0);
}

TEST_CASE("recalled work comes back if it had not started") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2}, "math.double");
    bench.effects.clear();
    bench.receive(protocol::Recall{{1}, {lease(1), lease(2)}});
    REQUIRE(bench.take<TakeBack>().size() == 2);
    bench.give_back(0, lease(2));
    const auto returned = bench.take_sent<protocol::Returned>();
    REQUIRE(returned.size() == 1);
    REQUIRE(returned[0].leases == std::vector<Lease>{lease(2)});
    // The other one had started: it runs to its end.
    bench.finish(0, lease(1));
    REQUIRE(bench.take_sent<protocol::OutcomeBatch>().size() == 1);
}

TEST_CASE("recalled work that waits for a slot comes back at once, in the order asked") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1, 2, 3}, "math.sleep");
    bench.effects.clear();
    bench.receive(protocol::Recall{{1}, {lease(3), lease(2)}});
    REQUIRE(bench.take<TakeBack>().empty());
    const auto returned = bench.take_sent<protocol::Returned>();
    REQUIRE(returned.size() == 1);
    REQUIRE(returned[0].leases == std::vector<Lease>{lease(3), lease(2)});
}

TEST_CASE("stopped work that runs is told, and its failure counts as cancelled") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.sleep");
    bench.effects.clear();
    bench.receive(protocol::Stop{{1}, seconds(2), {lease(1)}});
    const auto told = bench.take<Cancel>();
    REQUIRE(told.size() == 1);
    REQUIRE(told[0].slot == 1);
    bench.finish(1, lease(1), Error{ErrorCode::failed, "gave up"});
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent[0].outcomes[0].error->code == ErrorCode::cancelled);
}

TEST_CASE("stopped work that finishes all the same reports its result") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.receive(protocol::Stop{{1}, seconds(2), {lease(1)}});
    bench.finish(0, lease(1));
    REQUIRE_FALSE(bench.take_sent<protocol::OutcomeBatch>()[0].outcomes[0].error);
}

TEST_CASE("stopped work that has not started is cancelled without running") {
    SessionBench bench;
    bench.serve();
    SECTION("waiting for a slot") {
        bench.dispatch({1, 2}, "math.sleep");
        bench.receive(protocol::Stop{{1}, seconds(2), {lease(2)}});
    }
    SECTION("behind another one in a slot") {
        bench.dispatch({1, 2}, "math.double");
        bench.receive(protocol::Stop{{1}, seconds(2), {lease(2)}});
        bench.give_back(0, lease(2));
    }
    const auto sent = bench.take_sent<protocol::OutcomeBatch>();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].outcomes[0].lease == lease(2));
    REQUIRE(sent[0].outcomes[0].error->code == ErrorCode::cancelled);
}

TEST_CASE("work that does not stop within its grace ends the process, and only it is blamed") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.dispatch({2}, "math.sleep");
    bench.receive(protocol::Stop{{1}, milliseconds(500), {lease(1)}});
    REQUIRE(bench.session.next_tick() == bench.now + milliseconds(500));
    bench.tick(milliseconds(499));
    REQUIRE(bench.take<Kill>().empty());
    bench.tick(milliseconds(1));
    const auto kills = bench.take<Kill>();
    REQUIRE(kills.size() == 1);
    REQUIRE(kills[0].doomed.size() == 1);
    REQUIRE(kills[0].doomed[0].lease == lease(1));
    REQUIRE(kills[0].doomed[0].fate == protocol::Fate::being_cancelled);
}

TEST_CASE("work over its time limit ends the process, and only it is blamed") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double", milliseconds(300));
    bench.dispatch({2}, "math.sleep");
    bench.tick(milliseconds(300));
    const auto kills = bench.take<Kill>();
    REQUIRE(kills.size() == 1);
    REQUIRE(kills[0].doomed.size() == 1);
    REQUIRE(kills[0].doomed[0].lease == lease(1));
    REQUIRE(kills[0].doomed[0].fate == protocol::Fate::over_time_limit);
}

TEST_CASE("an absurd time limit is no limit, and no overflow") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double", milliseconds::max());
    bench.tick();
    REQUIRE(bench.take<Kill>().empty());
    REQUIRE(bench.session.next_tick() > bench.now);
}

TEST_CASE("progress of running attempts goes to the broker") {
    SessionBench bench;
    bench.serve();
    bench.dispatch({1}, "math.double");
    bench.session.progressed({{lease(1), 500, "half"}, {lease(2, 9), 1, "of another epoch"}},
                             bench.now);
    bench.settle();
    const auto sent = bench.take_sent<protocol::Progress>();
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].reports.size() == 1);
    REQUIRE(sent[0].reports[0].permille == 500);
}

TEST_CASE("heartbeats go out in silence") {
    SessionBench bench;
    bench.serve();
    bench.tick(seconds(1));
    REQUIRE(bench.take_sent<protocol::Heartbeat>().size() == 1);
}

TEST_CASE("a broker that speaks another version is left, with its reason") {
    SessionBench bench;
    bench.tick();
    bench.receive(protocol::Refusal{{ErrorCode::version, "1, not 2"}, {}, {}});
    const auto leaves = bench.take<Leave>();
    REQUIRE(leaves.size() == 1);
    REQUIRE(leaves[0].error->code == ErrorCode::version);
    REQUIRE(bench.session.stage() == Stage::gone);
}

TEST_CASE("messages that are not for workers are complained about") {
    SessionBench bench;
    bench.serve();
    bench.receive(protocol::Receipt{});
    bench.receive(protocol::Refusal{{ErrorCode::malformed, "what?"}, {}, {}});
    REQUIRE(bench.take<Complain>().size() == 2);
    REQUIRE(bench.session.stage() == Stage::serving);
}

}  // namespace
}  // namespace penstock::worker
