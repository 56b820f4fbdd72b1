#include "producer/core/pending_tasks.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/producer/core/pending_fixture.hpp"

namespace penstock::client {
namespace {

using Ids = std::vector<TaskId>;

TEST_CASE("no more tasks are in flight than the window holds") {
    PendingLimits limits;
    limits.window_tasks = 4;
    Story story(limits);
    story.open_session();
    story.submit(ids(1, 10));
    REQUIRE(story.submitted() == ids(1, 4));
    story.receipt({id(2), id(3)});
    REQUIRE(story.submitted() == ids(5, 6));
    story.refusal(ErrorCode::malformed, {id(1)});
    REQUIRE(story.submitted() == Ids{id(7)});
}

TEST_CASE("no more bytes are in flight than the window holds") {
    PendingLimits limits;
    limits.window_bytes = 250;
    Story story(limits);
    story.open_session();
    story.submit(ids(1, 5), Interest::result, std::string(100, 'x'));
    REQUIRE(story.submitted() == ids(1, 2));
    story.receipt({id(1)});
    REQUIRE(story.submitted() == Ids{id(3)});
}

TEST_CASE("a body larger than the window goes alone") {
    PendingLimits limits;
    limits.window_bytes = 50;
    Story story(limits);
    story.open_session();
    story.submit(ids(1, 2), Interest::result, std::string(100, 'x'));
    REQUIRE(story.submitted() == Ids{id(1)});
    story.receipt({id(1)});
    REQUIRE(story.submitted() == Ids{id(2)});
}

TEST_CASE("a message is closed at the broker's count and at our bytes") {
    PendingLimits limits;
    limits.batch_bytes = 1000;
    Story story(limits);
    story.terms.batch_max = 8;
    story.open_session();
    SECTION("count") {
        story.submit(ids(1, 20));
        REQUIRE(story.effects.submits.size() == 3);
        REQUIRE(story.effects.submits[0].tasks.size() == 8);
    }
    SECTION("bytes") {
        story.submit(ids(1, 6), Interest::result, std::string(400, 'x'));
        REQUIRE(story.effects.submits.size() == 2);
        REQUIRE(story.effects.submits[0].tasks.size() == 3);
    }
}

TEST_CASE("a message never grows beyond what the broker takes") {
    PendingLimits limits;
    limits.batch_bytes = 1000;
    limits.message_bytes = 1100;
    Story story(limits);
    story.open_session();
    story.submit(ids(1, 2), Interest::result, std::string(900, 'x'));
    REQUIRE(story.effects.submits.size() == 2);
}

TEST_CASE("a body over the broker's limit is never sent") {
    Story story;
    story.terms.body_max_bytes = 10;
    story.submit({id(1)}, Interest::receipt, std::string(11, 'x'));
    story.submit({id(2)}, Interest::receipt, std::string(10, 'x'));
    story.open_session();
    REQUIRE(story.submitted() == Ids{id(2)});
    REQUIRE(story.told_error() == ErrorCode::too_large);
}

TEST_CASE("awaits are batched by the broker's count") {
    Story story;
    story.terms.batch_max = 4;
    story.open_session();
    story.await(ids(1, 10));
    REQUIRE(story.effects.awaits.size() == 3);
    REQUIRE(story.awaited() == ids(1, 10));
}

TEST_CASE("room is given back once per task, however it leaves") {
    Story story;
    story.open_session();
    story.submit(ids(1, 5), Interest::result, "four");
    story.receipt({id(1)});
    story.result(1);
    story.result(2);
    story.refusal(ErrorCode::malformed, {id(3)});
    REQUIRE(story.effects.released_tasks == 3);
    REQUIRE(story.effects.released_bytes == 12);
    story.submit({id(4)}, Interest::receipt, "four");  // known already: its room is free at once
    REQUIRE(story.effects.released_tasks == 4);
    story.lose_session();
    story.wait(seconds(10));
    REQUIRE(story.effects.released_tasks == 6);
    REQUIRE(story.effects.released_bytes == 24);
}

TEST_CASE("kinds of tasks take turns when the window is small") {
    PendingLimits limits;
    limits.window_tasks = 2;
    Story story(limits);
    story.terms.batch_max = 1;
    story.submit(ids(1, 3), Interest::result, "", "a");
    story.submit(ids(4, 6), Interest::result, "", "b");
    story.open_session();
    REQUIRE(story.submitted() == Ids{id(1), id(4)});
    story.receipt({id(1), id(4)});
    REQUIRE(story.submitted() == Ids{id(2), id(5)});
}

TEST_CASE("a full window leaves no deadline in the past") {
    PendingLimits limits;
    limits.window_tasks = 1;
    Story story(limits);
    story.open_session();
    story.submit({id(1)}, Interest::result, "", "a");
    story.refusal(ErrorCode::busy, {id(1)}, milliseconds(100));
    story.submit({id(2)}, Interest::result, "", "b");
    story.wait(seconds(1));
    const auto deadline = story.pending.next_deadline();
    REQUIRE(deadline.has_value());
    REQUIRE(*deadline > story.now);
}

}  // namespace
}  // namespace penstock::client
