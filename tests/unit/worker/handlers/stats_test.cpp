#include <algorithm>
#include <cmath>
#include <random>

#include "tests/unit/worker/handlers/float64_bytes.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::math {
namespace {

Value facts(const std::vector<double>& numbers) {
    const std::string bytes = float64_bytes(numbers);
    const Result<Output> output = run(stats, "null", as_byte_view(bytes));
    REQUIRE(output.has_value());
    return output->value;
}

bool is_close(const Value& value, double expected) {
    return std::abs(value.get<double>() - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}

TEST_CASE("stats of a short list are those that one computes by hand") {
    const Value value = run(stats, "[2,4,4,4,5,5,7,9]")->value;
    CHECK(value["count"] == 8);
    CHECK(value["sum"] == 40.0);
    CHECK(value["mean"] == 5.0);
    CHECK(is_close(value["variance"], 32.0 / 7));
    CHECK(is_close(value["stddev"], std::sqrt(32.0 / 7)));
    CHECK(value["min"] == 2.0);
    CHECK(value["max"] == 9.0);
    CHECK(value["median"] == 4.5);
    CHECK(is_close(value["p90"], 7.6));
    CHECK(is_close(value["p95"], 8.3));
    CHECK(is_close(value["p99"], 8.86));
}

TEST_CASE("stats of a payload agree with plain sums in extended precision") {
    std::mt19937_64 chance(7);
    std::normal_distribution<double> bell(100, 15);
    std::vector<double> numbers(100'001);
    std::ranges::generate(numbers, [&] { return bell(chance); });
    const Value value = facts(numbers);
    long double sum = 0;
    long double squares = 0;
    for (const double number : numbers) {
        sum += number;
        squares += static_cast<long double>(number) * number;
    }
    const auto count = static_cast<long double>(numbers.size());
    const long double variance = (squares - sum * sum / count) / (count - 1);
    CHECK(is_close(value["sum"], static_cast<double>(sum)));
    CHECK(is_close(value["mean"], static_cast<double>(sum / count)));
    CHECK(is_close(value["variance"], static_cast<double>(variance)));
    std::ranges::sort(numbers);
    CHECK(value["median"] == numbers[50'000]);
    CHECK(value["p90"] == numbers[90'000]);
    CHECK(value["p95"] == numbers[95'000]);
    CHECK(value["p99"] == numbers[99'000]);
}

TEST_CASE("stats lose no digit to large numbers that lie close together") {
    const Value near = run(stats,
                           "[1000000000000004,1000000000000007,1000000000000013,"
                           "1000000000000016]")
                           ->value;
    CHECK(near["mean"] == 1'000'000'000'000'010.0);
    CHECK(near["variance"] == 30.0);
    CHECK(run(stats, "[1e100,1.0,-1e100]")->value["sum"] == 1.0);
    CHECK(facts(std::vector<double>(1'000'000, 0.1))["sum"] == 100'000.0);
    CHECK(facts(std::vector<double>(1'000'000, 0.1))["variance"].get<double>() < 1e-30);
}

TEST_CASE("stats of one number alone have no variance") {
    CHECK(answer(stats, "[3]") ==
          R"({"count":1,"max":3.0,"mean":3.0,"median":3.0,"min":3.0,"p90":3.0,"p95":3.0,)"
          R"("p99":3.0,"stddev":null,"sum":3.0,"variance":null})");
}

TEST_CASE("stats reject what are no numbers, or none at all") {
    CHECK(rejection(stats, "[]") == "there are no numbers; send one at least");
    CHECK(rejection(stats, "null") == "null is not an array of numbers");
    CHECK(rejection(stats, R"([1,"2"])") == "element 1: '2' is not a number");
    CHECK(rejection(stats, "[1]", as_byte_view(float64_bytes({1}))) ==
          "the numbers come as arguments or as payload, not as both");
    CHECK(rejection(stats, "null", as_byte_view("seven b")) ==
          "the payload has 7 bytes, which is no multiple of 8");
    CHECK(rejection(stats, "null", as_byte_view(float64_bytes({1, std::nan("")}))) ==
          "element 1: it is not a finite number");
    const std::string too_long(((4U << 20U) + 1) * 8, '\0');
    CHECK(rejection(stats, "null", as_byte_view(too_long)) ==
          "the payload has 4194305 numbers; allowed 4194304");
}

TEST_CASE("stats beyond the floating-point range are rejected") {
    for (const std::string_view numbers : {"[1e308,1e308]", "[1e200,-1e200]"}) {
        CHECK(rejection(stats, numbers) == "the result is beyond the floating-point range");
    }
}

TEST_CASE("stats end when cancelled") {
    FakeContext context;
    context.looks_until_cancel = 0;
    const Value args = {1, 2};
    CHECK(stats({args, {}}, context).error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace penstock::worker::math
