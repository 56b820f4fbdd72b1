#include "producer/cli/number_sum.hpp"

#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

constexpr auto largest = std::numeric_limits<std::int64_t>::max();

NumberSum sum_of(const std::vector<Value>& values) {
    NumberSum sum;
    for (const Value& value : values) {
        REQUIRE(sum.add(value));
    }
    return sum;
}

TEST_CASE("numbers and arrays of numbers are added up") {
    REQUIRE(*sum_of({1, {2, 3}, -10}).sum() == Value(-4));
    REQUIRE(*NumberSum().sum() == Value(0));
}

TEST_CASE("whole sums are exact where floating-point ones are not") {
    REQUIRE(json_from_value(*sum_of({333333833333499999, 1}).sum()) == "333333833333500000");
    REQUIRE(json_from_value(*sum_of({9007199254740993, 0}).sum()) == "9007199254740993");
    REQUIRE(json_from_value(*sum_of({std::numeric_limits<std::uint64_t>::max()}).sum()) ==
            "18446744073709551615");
}

TEST_CASE("a sum that overflows on its way is right if it fits in the end") {
    REQUIRE(*sum_of({largest, largest, largest, -largest, -largest}).sum() == Value(largest));
}

TEST_CASE("a sum beyond 64 bits is an error and no wrong number") {
    REQUIRE(sum_of({std::numeric_limits<std::uint64_t>::max(), 1})
                .sum()
                .error()
                .message.find("64 bits") != std::string::npos);
    REQUIRE_FALSE(sum_of({std::numeric_limits<std::int64_t>::min(), -1}).sum());
}

TEST_CASE("one floating-point number makes the sum floating-point") {
    REQUIRE(*sum_of({1, 2.5}).sum() == Value(3.5));
    REQUIRE(sum_of({1, 2.0}).sum()->is_number_float());
    REQUIRE(sum_of({largest, largest, 1.0}).sum()->get<double>() ==
            2.0 * static_cast<double>(largest));
}

TEST_CASE("small floating-point numbers are not lost beside large ones, in any order") {
    REQUIRE(*sum_of({1e16, 1.0, 1.0, -1e16}).sum() == Value(2.0));
    REQUIRE(*sum_of({1.0, 1e16, -1e16, 1.0}).sum() == Value(2.0));
}

TEST_CASE("a floating-point sum beyond its range is an error") {
    REQUIRE_FALSE(sum_of({1e308, 1e308}).sum());
}

TEST_CASE("the mean weighs every number alike, however they were cut") {
    REQUIRE(*sum_of({{1, 2, 3}, Value::array({10})}).mean() == Value(4.0));
    REQUIRE(sum_of({1, 2}).mean()->get<double>() == 1.5);
    REQUIRE_FALSE(NumberSum().mean());
    REQUIRE_FALSE(sum_of({Value::array()}).mean());
}

TEST_CASE("what is no number is refused, and nothing of its array is added") {
    NumberSum sum = sum_of({1});
    REQUIRE(sum.add("7").error().message == "\"7\" is no number");
    REQUIRE_FALSE(sum.add({1, nullptr}));
    REQUIRE_FALSE(sum.add(std::nan("")));
    REQUIRE_FALSE(sum.add(Value::array({Value::array({1})})));
    REQUIRE(*sum.sum() == Value(1));
    REQUIRE(sum.count() == 1);
}

}  // namespace
}  // namespace penstock::cli
