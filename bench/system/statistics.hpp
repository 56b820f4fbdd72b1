// What a list of measurements says. No assumption about how they are distributed: machines that
// others share do not make bell curves.
//
// Thread rule: free functions.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace penstock::bench {

// The middle value, or the mean of the two in the middle. Requires: at least one value.
[[nodiscard]] double median(std::vector<double> values);

// The smallest value that `share` (above 0, at most 1) of all values do not exceed.
// Requires: at least one value.
[[nodiscard]] double quantile(std::vector<double> values, double share);

struct Interval {
    double low = 0;
    double high = 0;
};

// The narrowest pair of order statistics, as many from below as from above, that holds the true
// median with at least 95 %: how many of n independent values lie below it is binomial. Nothing
// for fewer than 6 values, with which no pair does.
[[nodiscard]] std::optional<Interval> median_interval(std::vector<double> values);

// Penstock beside its limit, measured in turns.
struct Comparison {
    double penstock = 0;  // medians
    double limit = 0;
    double ratio = 0;  // the median of the pairs' own ratios, so that drift cancels out
    std::optional<Interval> interval;  // of the ratio
    std::size_t pairs = 0;
};

// Requires: as many values on both sides, at least one; the limit's are not zero.
[[nodiscard]] Comparison compare(const std::vector<double>& penstock,
                                 const std::vector<double>& limit);

}  // namespace penstock::bench
