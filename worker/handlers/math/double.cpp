#include <limits>
#include <string>

#include "worker/handlers/math/numbers.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

constexpr IntegerRange exact_when_doubled{std::numeric_limits<std::int64_t>::min() / 2,
                                          std::numeric_limits<std::int64_t>::max() / 2};

Result<Value> doubled(const Value& value) {
    const Result<Number> number = number_from(value);
    if (!number) {
        return tl::unexpected(number.error());
    }
    if (const auto* floating = std::get_if<double>(&*number)) {
        return finite_value(2 * *floating);
    }
    return integer_from(value, exact_when_doubled).map([](std::int64_t whole) {
        return Value(2 * whole);
    });
}

}  // namespace

// [1, 2.5] gives [2, 5.0]; a single number is doubled, too.
Result<Output> double_each(const Input& input, Context& /*context*/) {
    return for_each_number(input.args, doubled);
}

}  // namespace penstock::worker::math
