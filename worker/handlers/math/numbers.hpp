// What the handlers over numbers share: reading them one by one, exactly.
//
// Thread rule: free functions over values.
#pragma once

#include <cstdint>
#include <functional>
#include <variant>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {

// Exact as long as it is whole.
using Number = std::variant<std::int64_t, double>;

// Reads one number. Anything else, a whole number beyond 64 bits with sign, NaN and the infinities
// are ErrorCode::rejected.
[[nodiscard]] Result<Number> number_from(const Value& value);
// `number` as a value; rejected if the computation that led to it has left the floating-point
// range.
[[nodiscard]] Result<Value> finite_value(double number);

// Applies `function` to the number, or to each number of the array, in `args`. Ends at the first
// error, which then names the element.
[[nodiscard]] Result<Output> for_each_number(
    const Value& args, const std::function<Result<Value>(const Value& number)>& function);

}  // namespace penstock::worker::math
