#include "producer/gateway/core/problem.hpp"

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

int status_of(ErrorCode code) {
    return problem_of(Error{code, "why"}).status;
}

TaskResult dead(DeadReason reason, ErrorCode code) {
    TaskResult result;
    result.id.bytes[15] = 7;
    result.state = TaskState::dead;
    result.dead_reason = reason;
    result.error = Error{code, "why"};
    return result;
}

TEST_CASE("a problem is told as RFC 9457 wants it, with a stable code") {
    const Value told = value_from_json(to_json({404, "not_found", "no \"such\" task"})).value();
    REQUIRE(told == Value{{"type", "about:blank"},
                          {"title", "Not Found"},
                          {"status", 404},
                          {"code", "not_found"},
                          {"detail", "no \"such\" task"}});
}

TEST_CASE("a problem names the tasks that go on") {
    const TaskId one{};
    TaskId two{};
    two.bytes[15] = 2;
    const Value single =
        value_from_json(to_json(wait_over({one}, std::chrono::seconds(5)))).value();
    REQUIRE(single["status"] == 504);
    REQUIRE(single["task"] == to_text(one));
    const Value several =
        value_from_json(to_json(wait_over({one, two}, std::chrono::seconds(5)))).value();
    REQUIRE(several["tasks"] == Value{to_text(one), to_text(two)});
    REQUIRE_FALSE(several.contains("task"));
}

TEST_CASE("errors on the way have the status that says whose turn it is") {
    REQUIRE(status_of(ErrorCode::busy) == 429);
    REQUIRE(status_of(ErrorCode::unavailable) == 503);
    REQUIRE(status_of(ErrorCode::broker_restarted) == 503);
    REQUIRE(status_of(ErrorCode::not_found) == 404);
    REQUIRE(status_of(ErrorCode::result_expired) == 410);
    REQUIRE(status_of(ErrorCode::too_large) == 413);
    REQUIRE(status_of(ErrorCode::rejected) == 422);
    REQUIRE(status_of(ErrorCode::internal) == 500);
    REQUIRE(problem_of(Error{ErrorCode::busy, ""}).retry_after);
    REQUIRE(problem_of(Error{ErrorCode::unavailable, ""}).retry_after);
    REQUIRE_FALSE(problem_of(Error{ErrorCode::rejected, ""}).retry_after);
}

TEST_CASE("what a task came to decides, not its last error") {
    const Problem rejected = problem_of(dead(DeadReason::rejected, ErrorCode::rejected));
    REQUIRE(rejected.status == 422);
    REQUIRE(rejected.tasks.size() == 1);
    REQUIRE(problem_of(dead(DeadReason::poison, ErrorCode::lost)).status == 500);
    REQUIRE(problem_of(dead(DeadReason::poison, ErrorCode::lost)).code == "poison");
    REQUIRE_FALSE(problem_of(dead(DeadReason::poison, ErrorCode::lost)).retry_after);
    REQUIRE(problem_of(dead(DeadReason::no_handler, ErrorCode::no_handler)).status == 503);
    REQUIRE(problem_of(dead(DeadReason::time_limit, ErrorCode::time_limit)).status == 500);
}

}  // namespace
}  // namespace penstock::gateway
