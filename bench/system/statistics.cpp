#include "bench/system/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "common/model/assert.hpp"

namespace penstock::bench {
namespace {

constexpr double confidence = 0.95;

}  // namespace

double median(std::vector<double> values) {
    PENSTOCK_ASSERT(!values.empty());
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double quantile(std::vector<double> values, double share) {
    PENSTOCK_ASSERT(!values.empty() && share > 0 && share <= 1);
    const double rank = std::ceil(share * static_cast<double>(values.size()));
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
    std::ranges::nth_element(values, nth);
    return *nth;
}

std::optional<Interval> median_interval(std::vector<double> values) {
    std::ranges::sort(values);
    const auto count = static_cast<double>(values.size());
    // What both tails together may weigh, and what one weighs up to `left` values.
    constexpr double allowed = (1 - confidence) / 2;
    double term = std::pow(0.5, count);
    double tail = term;
    std::size_t left = 0;  // values outside the interval, on each side
    while (tail <= allowed) {
        ++left;
        const auto step = static_cast<double>(left);
        term *= (count - step + 1) / step;
        tail += term;
    }
    if (left == 0) {
        return std::nullopt;
    }
    return Interval{values[left - 1], values[values.size() - left]};
}

Comparison compare(const std::vector<double>& penstock, const std::vector<double>& limit) {
    PENSTOCK_ASSERT(penstock.size() == limit.size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < penstock.size(); ++i) {
        PENSTOCK_ASSERT(limit[i] != 0);
        ratios.push_back(penstock[i] / limit[i]);
    }
    return {median(penstock), median(limit), median(ratios), median_interval(ratios),
            ratios.size()};
}

}  // namespace penstock::bench
