#include "worker/handlers/math/numbers.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace penstock::worker::math {

Result<Number> number_from(const Value& value) {
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (!std::isfinite(number)) {
            return fail(ErrorCode::rejected, "it is not a finite number");
        }
        return number;
    }
    if (!value.is_number()) {
        return fail(ErrorCode::rejected, text_of(value) + " is not a number");
    }
    constexpr IntegerRange all{std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max()};
    return integer_from(value, all).map([](std::int64_t number) { return Number(number); });
}

Result<Value> finite_value(double number) {
    if (!std::isfinite(number)) {
        return fail(ErrorCode::rejected, "the result is beyond the floating-point range");
    }
    return Value(number);
}

Result<Output> for_each_number(const Value& args,
                               const std::function<Result<Value>(const Value& number)>& function) {
    if (!args.is_array() && !args.is_number()) {
        return fail(ErrorCode::rejected,
                    "the arguments must be a number or an array of numbers, not " + text_of(args));
    }
    if (args.is_number()) {
        return function(args).map(
            [](Value value) { return Output{.value = std::move(value), .payload = {}}; });
    }
    Value results = Value::array();
    results.get_ref<Value::array_t&>().reserve(args.size());
    for (std::size_t i = 0; i < args.size(); ++i) {
        Result<Value> result = function(args[i]);
        if (!result) {
            return fail(result.error().code,
                        "element " + std::to_string(i) + ": " + result.error().message);
        }
        results.push_back(std::move(*result));
    }
    return Output{.value = std::move(results), .payload = {}};
}

}  // namespace penstock::worker::math
