#include <string>

#include "worker/handlers/math/math.hpp"
#include "worker/handlers/math/numbers.hpp"

namespace penstock::worker::math {
namespace {

// A running sum, exact until the first floating-point number.
class Sum {
  public:
    // Rejects what would leave the range.
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
        if (__builtin_add_overflow(whole_, std::get<std::int64_t>(*number), &whole_)) {
            return fail(ErrorCode::rejected,
                        "the sum does not fit 64 bits; send floating-point numbers instead");
        }
        return {};
    }

    [[nodiscard]] Result<Value> value() const {
        if (!is_floating_) {
            return Value(whole_);
        }
        return finite_value(static_cast<double>(whole_) + floating_);
    }

  private:
    std::int64_t whole_ = 0;
    double floating_ = 0;
    bool is_floating_ = false;
};

}  // namespace

Result<Output> sum(const Input& input, Context& /*context*/) {
    if (!input.args.is_array()) {
        return fail(ErrorCode::rejected,
                    "the arguments must be an array of numbers, not " + text_of(input.args));
    }
    Sum total;
    for (std::size_t i = 0; i < input.args.size(); ++i) {
        if (const Result<void> added = total.add(input.args[i]); !added) {
            return fail(added.error().code,
                        "element " + std::to_string(i) + ": " + added.error().message);
        }
    }
    return total.value().map([](const Value& value) { return Output{value, {}}; });
}

}  // namespace penstock::worker::math
