#include "worker/handlers/math/numbers.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

// The whole numbers whose squares fit 64 bits with sign.
constexpr IntegerRange exact_when_squared{-3'037'000'499, 3'037'000'499};

Result<Value> squared(const Value& value) {
    const Result<Number> number = number_from(value);
    if (!number) {
        return tl::unexpected(number.error());
    }
    if (const auto* floating = std::get_if<double>(&*number)) {
        return finite_value(*floating * *floating);
    }
    return integer_from(value, exact_when_squared).map([](std::int64_t whole) {
        return Value(whole * whole);
    });
}

}  // namespace

// [1, 2.5] gives [1, 6.25]; a single number is squared, too.
Result<Output> square_each(const Input& input, Context& /*context*/) {
    return for_each_number(input.args, squared);
}

}  // namespace penstock::worker::math
