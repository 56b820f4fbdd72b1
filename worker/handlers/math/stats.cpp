#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/handlers/math/float64.hpp"
#include "worker/handlers/math/numbers.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

// A sum that keeps what rounding cuts off each step (Neumaier): its error does not grow with the
// count of numbers.
class Sum {
  public:
    void add(double number) {
        const double next = sum_ + number;
        lost_ +=
            std::abs(sum_) >= std::abs(number) ? (sum_ - next) + number : (number - next) + sum_;
        sum_ = next;
    }
    [[nodiscard]] double value() const { return sum_ + lost_; }

  private:
    double sum_ = 0;
    double lost_ = 0;
};

double sum_of(std::span<const double> numbers) {
    Sum sum;
    for (const double number : numbers) {
        sum.add(number);
    }
    return sum.value();
}

// Over n - 1, in a second pass around the mean: the textbook's difference of large squares would
// lose every digit for numbers that lie close together. Requires: two numbers at least.
double sample_variance(std::span<const double> numbers, double mean) {
    Sum squares;
    Sum deviations;
    for (const double number : numbers) {
        squares.add((number - mean) * (number - mean));
        deviations.add(number - mean);
    }
    // The mean is rounded, so the deviations do not quite add up to nothing.
    const auto count = static_cast<double>(numbers.size());
    const double correction = deviations.value() * deviations.value() / count;
    const double total = squares.value() - correction;
    // Not std::max, which would make 0 of the NaN that numbers beyond the range leave.
    return (total < 0 ? 0 : total) / (count - 1);
}

// Between the two nearest ranks, in proportion: what numpy and spreadsheets do.
double quantile(std::span<const double> sorted, double fraction) {
    const double rank = fraction * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], rank - static_cast<double>(below));
}

struct Moments {
    double sum = 0;
    double mean = 0;
    double variance = 0;
};

Result<Moments> moments_of(std::span<const double> numbers) {
    Moments moments;
    moments.sum = sum_of(numbers);
    moments.mean = moments.sum / static_cast<double>(numbers.size());
    if (numbers.size() > 1) {
        moments.variance = sample_variance(numbers, moments.mean);
    }
    for (const double number : {moments.sum, moments.variance}) {
        if (const Result<Value> finite = finite_value(number); !finite) {
            return tl::unexpected(finite.error());
        }
    }
    return moments;
}

Result<std::vector<double>> numbers_of(const Input& input) {
    if (!input.payload.empty() && !input.args.is_null()) {
        return fail(ErrorCode::rejected,
                    "the numbers come as arguments or as payload, not as both");
    }
    Result<std::vector<double>> numbers =
        input.payload.empty() ? float64_from(input.args) : float64_from(input.payload);
    if (numbers && numbers->empty()) {
        return fail(ErrorCode::rejected, "there are no numbers; send one at least");
    }
    return numbers;
}

Value facts_of(const std::vector<double>& sorted, const Moments& moments) {
    Value facts = {{"count", sorted.size()}, {"sum", moments.sum},
                   {"mean", moments.mean},   {"variance", nullptr},
                   {"stddev", nullptr},      {"min", sorted.front()},
                   {"max", sorted.back()},   {"median", quantile(sorted, 0.5)}};
    if (sorted.size() > 1) {
        facts["variance"] = moments.variance;
        facts["stddev"] = std::sqrt(moments.variance);
    }
    constexpr std::array<std::pair<std::string_view, double>, 3> percentiles{
        {{"p90", 0.90}, {"p95", 0.95}, {"p99", 0.99}}};
    for (const auto& [name, fraction] : percentiles) {
        facts[std::string(name)] = quantile(sorted, fraction);
    }
    return facts;
}

}  // namespace

// An array of numbers, or a payload of float64: {"count", "sum", "mean", "variance", "stddev",
// "min", "max", "median", "p90", "p95", "p99"}. One number alone has no variance: nil.
Result<Output> stats(const Input& input, Context& context) {
    Result<std::vector<double>> numbers = numbers_of(input);
    if (!numbers) {
        return tl::unexpected(numbers.error());
    }
    const Result<Moments> moments = moments_of(*numbers);
    if (!moments) {
        return tl::unexpected(moments.error());
    }
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before the numbers were sorted");
    }
    std::ranges::sort(*numbers);
    return Output{.value = facts_of(*numbers, *moments), .payload = {}};
}

}  // namespace penstock::worker::math
