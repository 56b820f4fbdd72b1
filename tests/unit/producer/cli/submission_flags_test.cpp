#include "producer/cli/submission_flags.hpp"

#include "common/protocol/value.hpp"
#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

TEST_CASE("flags become what is submitted") {
    SubmissionFlags flags;
    flags.type = "math.double";
    flags.queue = "slow";
    flags.max_attempts = 3;
    flags.time_limit = std::chrono::seconds(7);
    flags.backoff = std::chrono::milliseconds(20);
    const auto submission = read_submission(flags);
    REQUIRE(submission->type == "math.double");
    REQUIRE(submission->queue == "slow");
    REQUIRE(submission->options.durability == Durability::memory);
    REQUIRE(submission->options.max_attempts == 3);
    REQUIRE(submission->options.time_limit == std::chrono::seconds(7));
    REQUIRE(submission->options.backoff_base == std::chrono::milliseconds(20));
}

TEST_CASE("names and levels that cannot be are refused by name") {
    SubmissionFlags flags;
    flags.type = "two words";
    REQUIRE(read_submission(flags).error().message.find("'two words'") != std::string::npos);
    flags.type = "fine";
    flags.queue = "";
    REQUIRE(read_submission(flags).error().message.find("--queue") != std::string::npos);
    flags.queue = "default";
    flags.durability = "stone";
    REQUIRE(read_submission(flags).error().message.find("'stone'") != std::string::npos);
}

TEST_CASE("arguments are JSON, or nothing") {
    REQUIRE(read_args("", "ARGS")->empty());
    const auto args = read_args("{\"a\": [1, 2]}", "ARGS");
    REQUIRE(*value_from_msgpack(args->view()) == Value{{"a", {1, 2}}});
}

TEST_CASE("malformed arguments are refused with their place") {
    const auto args = read_args("[1,\n2,,3]", "line 4");
    REQUIRE(args.error().code == ErrorCode::malformed);
    REQUIRE(args.error().message.starts_with("line 4: "));
    REQUIRE(args.error().message.find("line 2") != std::string::npos);
}

}  // namespace
}  // namespace penstock::cli
