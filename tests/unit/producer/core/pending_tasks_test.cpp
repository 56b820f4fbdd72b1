#include "producer/core/pending_tasks.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/producer/core/pending_fixture.hpp"

namespace penstock::client {
namespace {

using Ids = std::vector<TaskId>;

TEST_CASE("a task waits for the session and is sent once it is open") {
    Story story;
    story.submit({id(1)});
    REQUIRE(story.submitted().empty());
    story.open_session();
    REQUIRE(story.submitted() == Ids{id(1)});
    REQUIRE(story.submitted().empty());
}

TEST_CASE("who waits for a receipt is told it and forgotten") {
    Story story;
    story.open_session(7);
    story.submit({id(1)}, Interest::receipt);
    story.receipt({id(1)});
    const std::vector<Notice> notices = story.told();
    REQUIRE(notices.size() == 1);
    REQUIRE(std::get<Receipt>(notices[0].what) == Receipt{Durability::memory, Epoch{7}});
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("who waits for the end hears nothing of the receipt") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    story.receipt({id(1)});
    REQUIRE(story.told().empty());
    story.result(1);
    REQUIRE(story.told<TaskResult>() == Ids{id(1)});
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("who waits for the end may hear of the receipt, too, and before it") {
    Story story;
    story.open_session();
    story.submit({id(1), id(2)});
    story.watch_receipts({id(1), id(2)});
    REQUIRE(story.submitted() == Ids{id(1), id(2)});
    story.receipt({id(1)});
    REQUIRE(story.told<Receipt>() == Ids{id(1)});
    story.result(1);
    REQUIRE(story.told<TaskResult>() == Ids{id(1)});
    // The receipt was lost on its way; the end implies it.
    story.result(2);
    const std::vector<Notice> notices = story.told();
    REQUIRE(notices.size() == 2);
    REQUIRE(std::holds_alternative<Receipt>(notices[0].what));
    REQUIRE(std::holds_alternative<TaskResult>(notices[1].what));
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("a receipt that is there already is told to who asks for it later") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    story.receipt({id(1)});
    story.submit({id(1)});
    story.watch_receipts({id(1)});
    REQUIRE(story.told<Receipt>() == Ids{id(1)});
}

TEST_CASE("a task that is not accepted is told to both who wait for the receipt and the end") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    story.watch_receipts({id(1)});
    story.refusal(ErrorCode::durability, {id(1)});
    REQUIRE(story.told<Error>() == Ids{id(1), id(1)});
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("the broker is asked to notify only when somebody waits for the end") {
    Story story;
    story.open_session();
    story.submit({id(1)}, Interest::receipt);
    story.submit({id(2)}, Interest::result);
    REQUIRE(story.effects.submits.size() == 2);
    for (const SubmitBatch& batch : story.effects.submits) {
        REQUIRE(batch.submission.options.notify == (batch.tasks.front().id == id(2)));
    }
}

TEST_CASE("tasks of one kind travel together, others apart") {
    Story story;
    story.submit(ids(1, 3));
    story.submit(ids(4, 5), Interest::result, "", "other");
    story.open_session();
    REQUIRE(story.effects.submits.size() == 2);
}

TEST_CASE("every ask for the same task gets its answer, and it is sent once") {
    Story story;
    story.open_session();
    story.submit({id(1)}, Interest::result);
    story.submit({id(1)}, Interest::receipt);
    story.await({id(1)});
    REQUIRE(story.submitted() == Ids{id(1)});
    story.receipt({id(1)});
    REQUIRE(story.told<Receipt>() == Ids{id(1)});
    story.submit({id(1)}, Interest::receipt);
    REQUIRE(story.told<Receipt>() == Ids{id(1)});
    story.result(1);
    REQUIRE(story.told<TaskResult>() == Ids{id(1), id(1)});
}

TEST_CASE("a task that was sent without notify is asked for when somebody waits after all") {
    Story story;
    story.open_session();
    story.submit({id(1)}, Interest::receipt);
    story.await({id(1)});
    REQUIRE(story.awaited().empty());
    story.receipt({id(1)});
    REQUIRE(story.awaited() == Ids{id(1)});
}

TEST_CASE("a task of another process is asked for") {
    Story story;
    story.open_session();
    story.await({id(1)});
    REQUIRE(story.awaited() == Ids{id(1)});
    SECTION("and its end is told") {
        story.result(1);
        REQUIRE(story.told<TaskResult>() == Ids{id(1)});
    }
    SECTION("or that nobody knows it") {
        story.refusal(ErrorCode::not_found, {id(1)});
        REQUIRE(story.told_error() == ErrorCode::not_found);
    }
    SECTION("or it is submitted here, too, and then asked for again") {
        story.submit({id(1)}, Interest::result);
        REQUIRE(story.submitted() == Ids{id(1)});
        story.receipt({id(1)});
        REQUIRE(story.awaited() == Ids{id(1)});
        story.result(1);
        REQUIRE(story.told<TaskResult>() == Ids{id(1), id(1)});
    }
}

TEST_CASE("a refusal ends a task, but for the refusals of a cancellation") {
    Story story;
    story.open_session();
    story.submit({id(1)});
    SECTION("durability") {
        story.refusal(ErrorCode::durability, {id(1)});
        REQUIRE(story.told_error() == ErrorCode::durability);
    }
    SECTION("malformed") {
        story.refusal(ErrorCode::malformed, {id(1)});
        REQUIRE(story.told_error() == ErrorCode::malformed);
    }
    SECTION("conflict speaks of a cancellation") {
        story.refusal(ErrorCode::conflict, {id(1)});
        REQUIRE(story.told().empty());
    }
    SECTION("not found, before it is accepted, speaks of a cancellation") {
        story.refusal(ErrorCode::not_found, {id(1)});
        REQUIRE(story.told().empty());
    }
}

TEST_CASE("answers about tasks that nobody asked for are ignored") {
    Story story;
    story.open_session();
    story.receipt({id(9)});
    story.result(9);
    story.refusal(ErrorCode::busy, {id(9)});
    story.refusal(ErrorCode::not_found, {id(9)});
    REQUIRE(story.told().empty());
}

TEST_CASE("a result without a receipt counts as both") {
    Story story;
    story.open_session();
    story.submit({id(1)}, Interest::receipt);
    story.submit({id(1)}, Interest::result);
    story.result(1);
    const std::vector<Notice> notices = story.told();
    REQUIRE(notices.size() == 2);
    REQUIRE(story.pending.size() == 0);
}

TEST_CASE("when all fails, everybody is told") {
    Story story;
    story.open_session();
    story.submit({id(1)}, Interest::receipt);
    story.submit({id(2)});
    story.receipt({id(2)});
    story.await({id(3)});
    story.pending.fail_all({ErrorCode::version, "too old"}, story.effects);
    REQUIRE(story.told<Error>().size() == 3);
    REQUIRE(story.effects.released_tasks == 2);
    REQUIRE(story.pending.size() == 0);
}

}  // namespace
}  // namespace penstock::client
