#include <limits>
#include <string>

#include "worker/handlers/math/numbers.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

// A running sum, whose whole numbers are added exactly. Only its end has to fit.
class SumOfValues {
  public:
    // Rejects what is no finite number.
    Result<void> add(const Value& value) {
        const Result<Number> number = number_from(value);
        if (!number) {
            return tl::unexpected(number.error());
        }
        if (const auto* floating = std::get_if<double>(&*number)) {
            floating_ += *floating;
            is_floating_ = true;
            return {};
        }
        whole_ += std::get<std::int64_t>(*number);
        return {};
    }

    [[nodiscard]] Result<Value> value() const {
        if (is_floating_) {
            return finite_value(static_cast<double>(whole_) + floating_);
        }
        if (whole_ < std::numeric_limits<std::int64_t>::min() ||
            whole_ > std::numeric_limits<std::int64_t>::max()) {
            return fail(ErrorCode::rejected,
                        "the sum does not fit 64 bits; send floating-point numbers instead");
        }
        return Value(static_cast<std::int64_t>(whole_));
    }

  private:
    // Room for 2^63 numbers of 64 bits: what overflows on the way may still fit in the end.
    __extension__ using Wide = __int128;

    Wide whole_ = 0;
    double floating_ = 0;
    bool is_floating_ = false;
};

}  // namespace

// [1, 2, 3] gives 6. One floating-point element makes the whole sum floating-point.
Result<Output> sum(const Input& input, Context& /*context*/) {
    if (!input.args.is_array()) {
        return fail(ErrorCode::rejected,
                    "the arguments must be an array of numbers, not " + text_of(input.args));
    }
    SumOfValues total;
    for (std::size_t i = 0; i < input.args.size(); ++i) {
        if (const Result<void> added = total.add(input.args[i]); !added) {
            return fail(added.error().code,
                        "element " + std::to_string(i) + ": " + added.error().message);
        }
    }
    return total.value().map([](const Value& value) { return Output{value, {}}; });
}

}  // namespace penstock::worker::math
