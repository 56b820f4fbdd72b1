#include "producer/core/pending_requests.hpp"

#include "tests/support/catch.hpp"

namespace penstock::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TaskId numbered_id(std::uint8_t number) {
    TaskId task;
    task.bytes.back() = number;
    return task;
}

std::uint64_t number_of(const Question& question) {
    return std::visit([](const auto& known) { return known.request; }, question);
}

struct RequestStory {
    void open_session() {
        requests.session_started(terms, effects);
        advance();
    }
    void advance() { requests.advance(now, effects); }
    void wait(Duration time) {
        now += time;
        advance();
    }
    void query(Ticket ticket) {
        protocol::Query query;
        query.what = protocol::QueryKind::queues;
        requests.ask(std::move(query), ticket, now);
        advance();
    }
    std::vector<RequestNotice> told() { return std::exchange(effects.notices, {}); }

    PendingRequests requests{seconds(5), {ErrorCode::unavailable, "nobody there"}};
    RequestEffects effects;
    BrokerTerms terms;
    TimePoint now{std::chrono::hours(1)};
};

TEST_CASE("a greeting is answered by the next session, or the present one") {
    RequestStory story;
    story.terms.version = "9.9";
    story.requests.greet(1, story.now, story.effects);
    REQUIRE(story.told().empty());
    story.open_session();
    const auto first = story.told();
    REQUIRE(first.size() == 1);
    REQUIRE(std::get<BrokerTerms>(first[0].what).version == "9.9");
    story.requests.greet(2, story.now, story.effects);
    REQUIRE(story.told().size() == 1);
}

TEST_CASE("attempts to find a broker that come to nothing do not prolong the wait for it") {
    RequestStory story;
    story.requests.greet(1, story.now, story.effects);
    story.query(2);
    for (int attempt = 0; attempt < 4; ++attempt) {
        story.wait(seconds(1));
        story.requests.session_lost(story.now);
    }
    REQUIRE(story.told().empty());
    story.wait(seconds(1));
    REQUIRE(story.told().size() == 2);
}

TEST_CASE("a query is sent once per session until its answer comes") {
    RequestStory story;
    story.query(1);
    REQUIRE(story.effects.questions.empty());
    story.open_session();
    REQUIRE(story.effects.questions.size() == 1);
    story.advance();
    REQUIRE(story.effects.questions.size() == 1);
    story.requests.session_lost(story.now);
    story.open_session();
    REQUIRE(story.effects.questions.size() == 2);
    REQUIRE(story.effects.questions[0] == story.effects.questions[1]);

    protocol::Answer answer;
    answer.request = number_of(story.effects.questions[0]);
    story.requests.answer(answer, story.effects);
    story.requests.answer(answer, story.effects);
    REQUIRE(story.told().size() == 1);
}

TEST_CASE("an archive's reply finds its request among the queries") {
    RequestStory story;
    story.open_session();
    story.query(11);
    story.requests.ask(protocol::ArchiveRequest{}, 12, story.now);
    story.advance();
    REQUIRE(story.effects.questions.size() == 2);
    protocol::ArchiveReply reply;
    reply.request = number_of(story.effects.questions[1]);
    reply.next_cursor = 5;
    story.requests.answer(reply, story.effects);
    const auto notices = story.told();
    REQUIRE(notices.size() == 1);
    REQUIRE(notices[0].ticket == 12);
    REQUIRE(std::get<protocol::ArchiveReply>(notices[0].what) == reply);
}

TEST_CASE("queries have numbers of their own and answers find them") {
    RequestStory story;
    story.open_session();
    story.query(11);
    story.query(12);
    REQUIRE(number_of(story.effects.questions[0]) != number_of(story.effects.questions[1]));
    protocol::Answer answer;
    answer.request = number_of(story.effects.questions[1]);
    story.requests.answer(answer, story.effects);
    const auto notices = story.told();
    REQUIRE(notices.size() == 1);
    REQUIRE(notices[0].ticket == 12);
}

TEST_CASE("a question without an answer is asked again after the liveness") {
    RequestStory story;
    story.open_session();
    story.requests.cancel(numbered_id(1), 1, story.now);
    story.query(2);
    REQUIRE(story.requests.next_deadline() == story.now + story.terms.liveness);
    story.wait(story.terms.liveness);
    REQUIRE(story.effects.cancels.size() == 2);
    REQUIRE(story.effects.questions.size() == 2);
}

TEST_CASE("cancellations travel together and each is answered") {
    RequestStory story;
    for (std::uint8_t number = 1; number <= 3; ++number) {
        story.requests.cancel(numbered_id(number), number, story.now);
    }
    story.open_session();
    REQUIRE(story.effects.cancels.size() == 1);
    REQUIRE(story.effects.cancels[0].size() == 3);
    const std::vector<TaskId> done{numbered_id(1)};
    const std::vector<TaskId> final{numbered_id(2)};
    story.requests.cancelling(done, story.effects);
    story.requests.refusal({ErrorCode::conflict, "over"}, final, story.effects);
    const auto notices = story.told();
    REQUIRE(notices.size() == 2);
    REQUIRE(std::holds_alternative<Cancelling>(notices[0].what));
    REQUIRE(std::get<Error>(notices[1].what).code == ErrorCode::conflict);
}

TEST_CASE("two who cancel the same task are both told") {
    RequestStory story;
    story.open_session();
    story.requests.cancel(numbered_id(1), 1, story.now);
    story.requests.cancel(numbered_id(1), 2, story.now);
    const std::vector<TaskId> done{numbered_id(1)};
    story.requests.cancelling(done, story.effects);
    REQUIRE(story.told().size() == 2);
}

TEST_CASE("without a session everything is given up after the timeout") {
    RequestStory story;
    story.requests.greet(1, story.now, story.effects);
    story.requests.cancel(numbered_id(1), 2, story.now);
    story.query(3);
    REQUIRE(story.requests.next_deadline() == story.now + seconds(5));
    story.wait(milliseconds(4999));
    REQUIRE(story.told().empty());
    story.wait(milliseconds(1));
    const auto notices = story.told();
    REQUIRE(notices.size() == 3);
    for (const RequestNotice& notice : notices) {
        REQUIRE(std::get<Error>(notice.what).code == ErrorCode::unavailable);
    }
    REQUIRE_FALSE(story.requests.next_deadline().has_value());
}

TEST_CASE("when all fails, everybody who asked is told") {
    RequestStory story;
    story.requests.greet(1, story.now, story.effects);
    story.requests.cancel(numbered_id(1), 2, story.now);
    story.query(3);
    story.requests.fail_all({ErrorCode::version, "too old"}, story.effects);
    REQUIRE(story.told().size() == 3);
    REQUIRE_FALSE(story.requests.next_deadline().has_value());
}

TEST_CASE("a piece of a backup is asked for again, and answered by its own kind only") {
    RequestStory story;
    story.open_session();
    story.requests.ask(protocol::Backup{0, {"journal/x", 7}}, 1, story.now);
    story.advance();
    REQUIRE(story.effects.questions.size() == 1);
    const auto first = std::get<protocol::Backup>(story.effects.questions[0]);
    REQUIRE(first.from == protocol::BackupPlace{"journal/x", 7});
    story.wait(story.terms.liveness);
    REQUIRE(story.effects.questions.size() == 2);
    REQUIRE(std::get<protocol::Backup>(story.effects.questions[1]) == first);

    protocol::Answer other;
    other.request = first.request;
    story.requests.answer(std::move(other), story.effects);
    REQUIRE(story.told().empty());
    protocol::BackupPart part;
    part.request = first.request;
    for (int i = 0; i < 2; ++i) {
        story.requests.answer(part, story.effects);
    }
    const auto told = story.told();
    REQUIRE(told.size() == 1);
    REQUIRE(std::get<protocol::BackupPart>(told[0].what) == part);
}

}  // namespace
}  // namespace penstock::client
