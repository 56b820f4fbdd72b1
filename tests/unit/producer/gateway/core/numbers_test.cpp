#include "producer/gateway/core/numbers.hpp"

#include <fmt/format.h>

#include "common/protocol/value.hpp"
#include "producer/gateway/core/limits.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

TaskResult completed(const char* json) {
    TaskResult result;
    result.output.args = msgpack_from_value(value_from_json(json).value());
    return result;
}

TEST_CASE("numbers are read in order") {
    REQUIRE(*read_numbers(R"({"numbers":[10,20,0,9223372036854775807],"more":1})") ==
            std::vector<std::int64_t>{10, 20, 0, INT64_MAX});
    REQUIRE(read_numbers(R"({"numbers":[]})")->empty());
}

TEST_CASE("what is no JSON is 400, what holds something else 422 with the place") {
    REQUIRE(read_numbers("").error().status == 400);
    REQUIRE(read_numbers("{\"numbers\":[1,").error().code == "malformed_json");
    for (const char* json : {"[1,2]", "{}", R"({"numbers":7})", R"({"numbers":{"0":1}})"}) {
        INFO(json);
        REQUIRE(read_numbers(json).error().status == 422);
    }
    for (const char* element : {"-1", "1.5", "\"1\"", "null", "9223372036854775808", "[1]"}) {
        INFO(element);
        const auto numbers = read_numbers(fmt::format(R"({{"numbers":[1,{}]}})", element));
        REQUIRE(numbers.error().status == 422);
        REQUIRE(numbers.error().detail.starts_with("numbers[1] "));
    }
}

TEST_CASE("too many numbers are 422") {
    const std::vector<int> many(numbers_max + 1, 7);
    REQUIRE(read_numbers(json_from_value(Value{{"numbers", many}})).error().status == 422);
}

TEST_CASE("few numbers are a task each, many are spread evenly and stay in order") {
    REQUIRE(split_numbers({1, 2, 3, 4}).size() == 4);
    for (const std::size_t count : std::vector<std::size_t>{1, 63, 64, 65, 1000, 10'000}) {
        INFO(count);
        std::vector<std::int64_t> numbers(count);
        for (std::size_t i = 0; i < count; ++i) {
            numbers[i] = static_cast<std::int64_t>(i);
        }
        const auto tasks = split_numbers(numbers);
        REQUIRE(tasks.size() == std::min(count, tasks_per_request_max));
        Value joined = Value::array();
        for (const SharedBytes& args : tasks) {
            const Value part = value_from_msgpack(args.view()).value();
            REQUIRE(part.size() >= count / tasks.size());
            REQUIRE(part.size() <= count / tasks.size() + 1);
            joined.insert(joined.end(), part.begin(), part.end());
        }
        REQUIRE(joined == Value(numbers));
    }
}

TEST_CASE("results are joined in the order of the tasks") {
    REQUIRE(*join_results({completed("[75306,75596]"), completed("[75886]")}) ==
            R"({"result":[75306,75596,75886]})");
    REQUIRE(*join_results({}) == R"({"result":[]})");
}

TEST_CASE("one task that failed is the answer, and so is one that answered strangely") {
    TaskResult dead = completed("null");
    dead.state = TaskState::dead;
    dead.dead_reason = DeadReason::poison;
    dead.error = Error{ErrorCode::crashed, "it crashed"};
    REQUIRE(join_results({completed("[1]"), dead}).error().code == "poison");
    REQUIRE(join_results({completed("7")}).error().status == 500);
}

}  // namespace
}  // namespace penstock::gateway
