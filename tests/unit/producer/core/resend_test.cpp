#include "producer/core/pending_tasks.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/producer/core/pending_fixture.hpp"

namespace penstock::client {
namespace {

using Ids = std::vector<TaskId>;

TEST_CASE("without an answer within the liveness a task is sent again, in its old order") {
    Story story;
    story.open_session();
    story.submit(ids(1, 3));
    story.submit({id(4)});
    REQUIRE(story.submitted().size() == 4);
    story.receipt({id(2)});
    story.wait(story.terms.liveness - milliseconds(1));
    REQUIRE(story.submitted().empty());
    REQUIRE(story.pending.next_deadline() == story.now + milliseconds(1));
    story.wait(milliseconds(1));
    REQUIRE(story.submitted() == Ids{id(1), id(3), id(4)});
}

TEST_CASE("a task that was sent twice and is accepted is asked for by its new session") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    story.wait(story.terms.liveness);
    story.receipt({id(1)});
    REQUIRE(story.awaited() == Ids{id(1)});
}

TEST_CASE("a late receipt ends a task that waits to be sent again") {
    Story story;
    story.open_session();
    story.submit({id(1)}, Interest::receipt);
    static_cast<void>(story.submitted());
    story.lose_session();
    story.pending.receipt(Ids{id(1)}, Durability::memory, story.effects);
    REQUIRE(story.told<Receipt>() == Ids{id(1)});
    story.open_session();
    REQUIRE(story.submitted().empty());
}

TEST_CASE("a new session sends the unconfirmed and asks for the awaited") {
    Story story;
    story.open_session();
    story.submit(ids(1, 4));
    story.receipt({id(2)});
    story.await({id(9)});
    static_cast<void>(story.submitted());
    static_cast<void>(story.awaited());
    story.lose_session();
    story.wait(seconds(1));
    REQUIRE(story.submitted().empty());
    story.open_session();
    REQUIRE(story.submitted() == Ids{id(1), id(3), id(4)});
    REQUIRE(story.awaited() == Ids{id(2), id(9)});
}

TEST_CASE("a task held in memory by an earlier broker is told as lost, not as unknown") {
    Story story;
    story.open_session(1);
    story.submit({id(1)});
    story.receipt({id(1)});
    story.lose_session();
    SECTION("when the epoch is new") {
        story.open_session(2);
        story.refusal(ErrorCode::not_found, {id(1)});
        REQUIRE(story.told_error() == ErrorCode::broker_restarted);
    }
    SECTION("but not when the broker is the same and has forgotten it") {
        story.open_session(1);
        story.refusal(ErrorCode::not_found, {id(1)});
        REQUIRE(story.told_error() == ErrorCode::not_found);
    }
}

TEST_CASE("a refused task waits as long as the broker says and up to half as long again") {
    Story story;
    story.open_session();
    story.submit(ids(1, 3));
    static_cast<void>(story.submitted());
    story.receipt({id(1)});
    story.refusal(ErrorCode::busy, {id(2), id(3)}, milliseconds(400));
    story.wait(milliseconds(399));
    REQUIRE(story.submitted().empty());
    const auto deadline = story.pending.next_deadline();
    REQUIRE(deadline.has_value());
    REQUIRE(*deadline >= story.now + milliseconds(1));
    REQUIRE(*deadline <= story.now + milliseconds(201));
    story.wait(*deadline - story.now);
    REQUIRE(story.submitted() == Ids{id(2), id(3)});
    REQUIRE(story.told().empty());
}

TEST_CASE("a refusal that names a task twice counts once") {
    Story story;
    story.open_session();
    story.submit(ids(1, 3));
    static_cast<void>(story.submitted());
    story.refusal(ErrorCode::busy, {id(2), id(1), id(2), id(1)}, milliseconds(10));
    story.wait(seconds(1));
    REQUIRE(story.submitted() == Ids{id(2), id(1)});
    story.receipt(ids(1, 3));
    REQUIRE(story.effects.released_tasks == 3);
}

TEST_CASE("while a queue is full its later tasks wait behind, other queues go on") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    static_cast<void>(story.submitted());
    story.refusal(ErrorCode::busy, {id(1)}, seconds(1));
    story.submit({id(2)});
    story.submit({id(3)}, Interest::result, "", "other");
    REQUIRE(story.submitted() == Ids{id(3)});
    story.wait(seconds(2));
    REQUIRE(story.submitted() == Ids{id(1), id(2)});
}

TEST_CASE("a task that has been refused and is then accepted is not asked for") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    story.refusal(ErrorCode::busy, {id(1)}, milliseconds(10));
    story.wait(seconds(1));
    story.receipt({id(1)});
    REQUIRE(story.awaited().empty());
}

TEST_CASE("a queue that stays full is told after the busy timeout") {
    PendingLimits limits;
    limits.busy_timeout = seconds(10);
    Story story(limits);
    story.open_session();
    story.submit({id(1)});
    story.refusal(ErrorCode::busy, {id(1)}, seconds(1));
    REQUIRE(story.told().empty());
    story.wait(seconds(10));
    story.refusal(ErrorCode::busy, {id(1)}, seconds(1));
    REQUIRE(story.told_error() == ErrorCode::busy);
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("without a broker an ask fails after the timeout, each after its own") {
    Story story;
    story.submit({id(1)});
    story.wait(seconds(3));
    story.await({id(2)});
    story.wait(seconds(2));
    REQUIRE(story.told<Error>() == Ids{id(1)});
    REQUIRE(story.pending.next_deadline().has_value());
    story.wait(seconds(3));
    REQUIRE(story.told_error() == ErrorCode::unavailable);
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("an old ask gets the whole timeout when the session breaks") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    story.receipt({id(1)});
    story.wait(std::chrono::hours(5));
    story.lose_session();
    story.wait(milliseconds(4999));
    REQUIRE(story.told().empty());
    story.wait(milliseconds(1));
    REQUIRE(story.told_error() == ErrorCode::unavailable);
}

TEST_CASE("a timeout of zero waits for ever") {
    PendingLimits limits;
    limits.unreachable_timeout = milliseconds(0);
    Story story(limits);
    story.submit({id(1)});
    REQUIRE_FALSE(story.pending.next_deadline().has_value());
    story.wait(std::chrono::hours(100));
    REQUIRE(story.told().empty());
}

TEST_CASE("what never had a session may be sent at the last moment") {
    Story story;
    story.submit({id(1)});
    story.wait(milliseconds(4999));
    story.open_session();
    REQUIRE(story.submitted() == Ids{id(1)});
    story.wait(seconds(1));
    REQUIRE(story.told().empty());
}

}  // namespace
}  // namespace penstock::client
