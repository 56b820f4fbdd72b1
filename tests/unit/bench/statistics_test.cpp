#include "bench/system/statistics.hpp"

#include "tests/support/catch.hpp"

namespace penstock::bench {
namespace {

// 1, 2, ... `count`, not in order.
std::vector<double> numbers(int count) {
    std::vector<double> values;
    for (int number = count; number > 0; --number) {
        values.push_back(number);
    }
    return values;
}

TEST_CASE("the median is the middle value, or lies between the two in the middle") {
    CHECK(median({7}) == 7);
    CHECK(median({9, 1, 2}) == 2);
    CHECK(median({4, 1, 3, 2}) == 2.5);
}

TEST_CASE("a quantile is a value that was measured") {
    CHECK(quantile(numbers(100), 0.99) == 99);
    CHECK(quantile(numbers(100), 0.5) == 50);
    CHECK(quantile(numbers(3), 0.99) == 3);
    CHECK(quantile({5}, 0.01) == 5);
}

TEST_CASE("fewer than six values say nothing certain about their median") {
    CHECK_FALSE(median_interval({}).has_value());
    CHECK_FALSE(median_interval(numbers(5)).has_value());
    CHECK(median_interval(numbers(6)).has_value());
}

// The ranks of the tables for the sign test, at 95 %.
TEST_CASE("the interval of a median goes from one measured value to another") {
    const auto check = [](int count, double low, double high) {
        const Interval interval = median_interval(numbers(count)).value();
        CHECK(interval.low == low);
        CHECK(interval.high == high);
    };
    check(6, 1, 6);
    check(8, 1, 8);
    check(9, 2, 8);
    check(10, 2, 9);
    check(20, 6, 15);
    check(100, 40, 61);
}

TEST_CASE("a comparison takes the ratio within pairs, not that of the medians") {
    // The machine became three times as fast after the first pair; the sides stayed 1 to 2.
    const Comparison comparison = compare({1, 3, 3}, {2, 6, 6});
    CHECK(comparison.penstock == 3);
    CHECK(comparison.limit == 6);
    CHECK(comparison.ratio == 0.5);
    CHECK(comparison.pairs == 3);
    CHECK_FALSE(comparison.interval.has_value());
    CHECK(compare({1, 1, 9}, {1, 2, 3}).ratio == 1);
}

}  // namespace
}  // namespace penstock::bench
