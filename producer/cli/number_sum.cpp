#include "producer/cli/number_sum.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace penstock::cli {
namespace {

// Of a value that is shown in an error.
constexpr std::size_t shown_bytes_max = 60;

Result<Value> finite(double number) {
    if (!std::isfinite(number)) {
        return fail(ErrorCode::malformed, "the result is beyond the floating-point range");
    }
    return Value(number);
}

}  // namespace

Result<void> NumberSum::add(const Value& value) {
    if (!value.is_array()) {
        return check(value).map([&] { add_number(value); });
    }
    for (const Value& number : value) {
        if (const Result<void> checked = check(number); !checked) {
            return checked;
        }
    }
    for (const Value& number : value) {
        add_number(number);
    }
    return {};
}

Result<void> NumberSum::check(const Value& number) {
    if (number.is_number() && (!number.is_number_float() || std::isfinite(number.get<double>()))) {
        return {};
    }
    std::string text = json_from_value(number);
    if (text.size() > shown_bytes_max) {
        text = text.substr(0, shown_bytes_max) + "...";
    }
    return fail(ErrorCode::malformed, text + " is no number");
}

void NumberSum::add_number(const Value& number) {
    ++count_;
    if (number.is_number_unsigned()) {
        whole_ += number.get<std::uint64_t>();
        return;
    }
    if (number.is_number_integer()) {
        whole_ += number.get<std::int64_t>();
        return;
    }
    is_floating_ = true;
    const auto term = number.get<double>();
    const double sum = floating_ + term;
    lost_ +=
        std::abs(floating_) >= std::abs(term) ? (floating_ - sum) + term : (term - sum) + floating_;
    floating_ = sum;
}

long double NumberSum::total() const {
    return static_cast<long double>(whole_) + static_cast<long double>(floating_) +
           static_cast<long double>(lost_);
}

Result<Value> NumberSum::sum() const {
    if (is_floating_) {
        return finite(static_cast<double>(total()));
    }
    if (whole_ < std::numeric_limits<std::int64_t>::min() ||
        whole_ > std::numeric_limits<std::uint64_t>::max()) {
        return fail(ErrorCode::malformed, "the sum does not fit 64 bits");
    }
    return whole_ < 0 ? Value(static_cast<std::int64_t>(whole_))
                      : Value(static_cast<std::uint64_t>(whole_));
}

Result<Value> NumberSum::mean() const {
    if (count_ == 0) {
        return fail(ErrorCode::malformed, "there is no number to take the mean of");
    }
    return finite(static_cast<double>(total() / static_cast<long double>(count_)));
}

}  // namespace penstock::cli
