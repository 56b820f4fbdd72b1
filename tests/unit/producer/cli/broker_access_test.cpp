#include "producer/cli/broker_access.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a broker gets 30 s to answer, or as long as the caller says") {
    CHECK(answer_timeout({}) == seconds(30));
    CHECK(answer_timeout({.timeout = milliseconds(250)}) == milliseconds(250));
    CHECK(answer_timeout({.timeout = seconds(90)}) == seconds(90));
}

TEST_CASE("an answer that does not come in time is given up") {
    std::promise<Result<int>> promise;
    const Globals globals{.timeout = milliseconds(1)};
    const Result<int> answer = wait_for_answer(promise.get_future(), globals);
    REQUIRE(answer.error().code == ErrorCode::timed_out);
    CHECK(exit_code(answer.error().code) == ExitCode::wait_timed_out);
}

TEST_CASE("an answer that comes is passed on, an error like a value") {
    std::promise<Result<int>> value;
    value.set_value(7);
    CHECK(wait_for_answer(value.get_future(), {}).value() == 7);
    std::promise<Result<int>> error;
    error.set_value(fail(ErrorCode::not_found, ""));
    CHECK(wait_for_answer(error.get_future(), {}).error().code == ErrorCode::not_found);
}

}  // namespace
}  // namespace penstock::cli
