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
    REQUIRE(submission->options.durability == Durability::disk);
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

TEST_CASE("a task starts after a while or at a time, and expires likewise") {
    SubmissionFlags flags;
    flags.type = "math.double";
    flags.delay = std::chrono::minutes(5);
    flags.expires = "2h";
    auto options = read_submission(flags)->options;
    CHECK(options.delay == std::chrono::minutes(5));
    CHECK(options.run_at == 0);
    CHECK(options.expires_in == std::chrono::hours(2));
    CHECK(options.expires_at == 0);
    flags.delay = {};
    flags.at = "2030-12-24T18:00:00Z";
    flags.expires = "2030-12-24T19:00:00Z";
    options = read_submission(flags)->options;
    CHECK(options.run_at == 1'924'365'600'000);
    CHECK(options.expires_at == 1'924'369'200'000);
    CHECK(options.expires_in.count() == 0);
}

TEST_CASE("what is neither a while nor a time is refused by name") {
    SubmissionFlags flags;
    flags.type = "math.double";
    flags.at = "tomorrow";
    CHECK(read_submission(flags).error().message.find("--at 'tomorrow'") != std::string::npos);
    flags.at = "";
    for (const auto* const expires : {"soon", "0"}) {
        flags.expires = expires;
        CHECK(read_submission(flags).error().message.find("--expires '" + flags.expires + "'") !=
              std::string::npos);
    }
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
