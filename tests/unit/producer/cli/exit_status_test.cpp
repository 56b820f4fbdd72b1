#include "producer/cli/exit_status.hpp"

#include <csignal>

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("errors have the exit codes that the help promises") {
    REQUIRE(exit_status(exit_code(ErrorCode::internal)) == 1);
    REQUIRE(exit_status(exit_code(ErrorCode::broker_restarted)) == 1);
    REQUIRE(exit_status(exit_code(ErrorCode::durability)) == 1);
    REQUIRE(exit_status(exit_code(ErrorCode::malformed)) == 2);
    REQUIRE(exit_status(exit_code(ErrorCode::too_large)) == 2);
    REQUIRE(exit_status(exit_code(ErrorCode::not_found)) == 3);
    REQUIRE(exit_status(exit_code(ErrorCode::result_expired)) == 3);
    REQUIRE(exit_status(exit_code(ErrorCode::conflict)) == 4);
    REQUIRE(exit_status(exit_code(ErrorCode::busy)) == 5);
    REQUIRE(exit_status(exit_code(ErrorCode::unavailable)) == 7);
    REQUIRE(exit_status(exit_code(ErrorCode::timed_out)) == 8);
    REQUIRE(exit_status(exit_code(ErrorCode::no_handler)) == 9);
}

TEST_CASE("a task that has not completed is code 9, whatever its reason") {
    TaskResult result;
    REQUIRE(exit_code(result) == ExitCode::ok);
    for (const TaskState state : {TaskState::dead, TaskState::cancelled, TaskState::expired}) {
        result.state = state;
        REQUIRE(exit_status(exit_code(result)) == 9);
    }
}

TEST_CASE("a completed task whose result is gone is not found") {
    TaskResult result;
    result.error = Error{ErrorCode::result_expired, "no longer kept"};
    REQUIRE(exit_code(result) == ExitCode::not_found);
}

TEST_CASE("of many tasks the gravest code is told") {
    REQUIRE(graver(ExitCode::ok, ExitCode::task_failed) == ExitCode::task_failed);
    REQUIRE(graver(ExitCode::task_failed, ExitCode::ok) == ExitCode::task_failed);
    REQUIRE(graver(ExitCode::unavailable, ExitCode::task_failed) == ExitCode::unavailable);
    REQUIRE(graver(ExitCode::usage, ExitCode::task_failed) == ExitCode::usage);
}

TEST_CASE("a signal is told as shells do") {
    REQUIRE(exit_status(SIGINT) == 130);
    REQUIRE(exit_status(SIGTERM) == 143);
}

}  // namespace
}  // namespace penstock::cli
