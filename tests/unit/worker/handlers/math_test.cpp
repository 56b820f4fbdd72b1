#include <ctime>

#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::math {
namespace {

TEST_CASE("double doubles each number, and a single one") {
    CHECK(answer(double_each, "[1,2,3]") == "[2,4,6]");
    CHECK(answer(double_each, "[-1,0.5,1e300]") == "[-2,1.0,2e+300]");
    CHECK(answer(double_each, "21") == "42");
    CHECK(answer(double_each, "[]") == "[]");
}

TEST_CASE("square squares each number, and a single one") {
    CHECK(answer(square_each, "[1,2,-3]") == "[1,4,9]");
    CHECK(answer(square_each, "[2.5]") == "[6.25]");
    CHECK(answer(square_each, "7") == "49");
}

TEST_CASE("sum adds the numbers up") {
    CHECK(answer(sum, "[1,2,3]") == "6");
    CHECK(answer(sum, "[]") == "0");
    CHECK(answer(sum, "[1,2.5]") == "3.5");
}

TEST_CASE("whole numbers stay exact to the ends of their range") {
    CHECK(answer(double_each, "[4611686018427387903,-4611686018427387904]") ==
          "[9223372036854775806,-9223372036854775808]");
    CHECK(answer(square_each, "[3037000499,-3037000499]") ==
          "[9223372030926249001,9223372030926249001]");
    CHECK(answer(sum, "[9223372036854775806,1]") == "9223372036854775807");
    CHECK(answer(sum, "[9007199254740993,0]") == "9007199254740993");
}

TEST_CASE("a result beyond 64 bits is rejected and its element named") {
    CHECK(rejection(double_each, "[1,4611686018427387904]") ==
          "element 1: 4611686018427387904 is out of range; "
          "allowed -4611686018427387904..4611686018427387903");
    CHECK(rejection(square_each, "[1,2,3037000500]") ==
          "element 2: 3037000500 is out of range; allowed -3037000499..3037000499");
    CHECK(rejection(sum, "[9223372036854775807,1]") ==
          "the sum does not fit 64 bits; send floating-point numbers instead");
    CHECK(rejection(sum, "[-9223372036854775808,-1]").starts_with("the sum does not fit"));
    CHECK(rejection(double_each, "[18446744073709551615]").find("out of range") !=
          std::string::npos);
}

TEST_CASE("a sum that overflows on its way is right if it fits in the end") {
    CHECK(answer(sum, "[9223372036854775807,1,-5]") == "9223372036854775803");
    CHECK(answer(sum, "[-9223372036854775808,-1,1]") == "-9223372036854775808");
}

TEST_CASE("a floating-point result beyond the range is rejected") {
    CHECK(rejection(double_each, "[1e308]") ==
          "element 0: the result is beyond the floating-point range");
    CHECK(rejection(square_each, "[1e200]").find("beyond") != std::string::npos);
    CHECK(rejection(sum, "[1e308,1e308]").find("beyond") != std::string::npos);
}

TEST_CASE("what is not a finite number is rejected") {
    const Value not_a_number = Value::array({1, std::nan("")});
    FakeContext context;
    for (const Handler handler : {double_each, square_each, sum}) {
        CHECK(handler({not_a_number, {}}, context).error().message ==
              "element 1: it is not a finite number");
        CHECK(rejection(handler, R"([1,"2"])") == "element 1: '2' is not a number");
        CHECK(rejection(handler, "[true]") == "element 0: true is not a number");
        CHECK(rejection(handler, "[[1]]") == "element 0: an array is not a number");
    }
}

TEST_CASE("arguments that are no numbers at all are rejected") {
    for (const Handler handler : {double_each, square_each, lcg}) {
        CHECK(rejection(handler, R"({"numbers":[1]})") ==
              "the arguments must be a number or an array of numbers, not an object");
        CHECK(rejection(handler, "null") ==
              "the arguments must be a number or an array of numbers, not null");
    }
    CHECK(rejection(sum, "3") == "the arguments must be an array of numbers, not 3");
}

TEST_CASE("lcg gives the true figures of the recipe") {
    CHECK(answer(lcg, "[10,20,30,40]") == "[75306,75596,75886,76176]");
    CHECK(answer(lcg, "10") == "75306");
}

TEST_CASE("lcg takes any whole number from zero on") {
    // The same number modulo 99991, so the same result.
    CHECK(answer(lcg, "[10,100001]") == "[75306,75306]");
    CHECK(run(lcg, "[0,9223372036854775807]").has_value());
    CHECK(rejection(lcg, "[1,-1]") ==
          "element 1: -1 is out of range; allowed 0..9223372036854775807");
    CHECK(rejection(lcg, "[1.5]").find("not a whole number") != std::string::npos);
}

TEST_CASE("lcg stops between two numbers when cancelled") {
    FakeContext context;
    context.looks_until_cancel = 2;
    const Value args = {1, 2, 3, 4};
    const Result<Output> output = lcg({args, {}}, context);
    REQUIRE_FALSE(output.has_value());
    CHECK(output.error() == Error{ErrorCode::cancelled, "element 2: cancelled before this number"});
}

TEST_CASE("sleep waits as long as it is told") {
    FakeContext context;
    const Value args = {{"ms", 1500}};
    CHECK(sleep({args, {}}, context)->value == Value{{"slept_ms", 1500}});
    CHECK(context.waited == std::chrono::milliseconds(1500));
}

TEST_CASE("sleep ends when cancelled") {
    FakeContext context;
    context.looks_until_cancel = 0;
    const Value args = {{"ms", 1500}};
    CHECK(sleep({args, {}}, context).error().code == ErrorCode::cancelled);
}

TEST_CASE("spin computes for the time it is told") {
    const std::clock_t before = std::clock();
    const Result<Output> output = run(spin, R"({"ms":20})");
    const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    REQUIRE(output.has_value());
    CHECK(output->value["iterations"].get<std::int64_t>() > 0);
    CHECK(seconds >= 0.019);
    CHECK(answer(spin, R"({"ms":0})") == R"({"iterations":0})");
}

TEST_CASE("spin ends when cancelled, unless told to ignore it") {
    FakeContext context;
    context.looks_until_cancel = 0;
    Value args = {{"ms", 5}};
    CHECK(spin({args, {}}, context).error().code == ErrorCode::cancelled);
    args["ignore_cancel"] = true;
    CHECK(spin({args, {}}, context).has_value());
}

TEST_CASE("sleep and spin check their arguments") {
    for (const Handler handler : {sleep, spin}) {
        CHECK(rejection(handler, "{}") == "ms: missing; allowed 0..86400000");
        CHECK(rejection(handler, R"({"ms":-1})") == "ms: -1 is out of range; allowed 0..86400000");
        CHECK(rejection(handler, R"({"ms":1,"sec":1})").starts_with("unknown field 'sec'"));
        CHECK(rejection(handler, "5") == "the arguments must be an object with fields, not 5");
    }
    CHECK(rejection(spin, R"({"ms":1,"ignore_cancel":"yes"})") ==
          "ignore_cancel: 'yes' is not true or false");
}

}  // namespace
}  // namespace penstock::worker::math
