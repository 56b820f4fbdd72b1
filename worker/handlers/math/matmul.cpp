#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/handlers/math/float64.hpp"
#include "worker/handlers/math/matrix.hpp"
#include "worker/handlers/math/numbers.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::math {
namespace {

// Of each side. With the two bodies' limits no product takes more than 2^32 multiplications: some
// seconds.
constexpr IntegerRange side_range{1, 16'384};
// Numbers of a product that goes back as a value, 9 bytes and then 16 of memory each.
constexpr std::size_t value_numbers_max = std::size_t{1} << 20U;

struct Factors {
    Matrix a;
    Matrix b;
};

std::string shape(const Matrix& matrix) {
    return std::to_string(matrix.rows) + "x" + std::to_string(matrix.columns);
}

Result<void> append_row(const Value& row, Matrix& matrix) {
    const Result<std::vector<double>> numbers = float64_from(row);
    if (!numbers) {
        return tl::unexpected(numbers.error());
    }
    if (matrix.rows > 0 && numbers->size() != matrix.columns) {
        return fail(ErrorCode::rejected, std::to_string(numbers->size()) +
                                             " numbers, but row 0 has " +
                                             std::to_string(matrix.columns));
    }
    matrix.columns = numbers->size();
    ++matrix.rows;
    matrix.numbers.insert(matrix.numbers.end(), numbers->begin(), numbers->end());
    return {};
}

// Mistakes go to `arguments`.
Matrix read_rows(Arguments& arguments, std::string_view field) {
    const std::string name(field);
    Matrix matrix;
    const Value* rows = arguments.value(field);
    if (rows == nullptr) {
        arguments.reject(name + ": missing; send a and b as arrays of rows, or as payload with " +
                         "rows, inner and columns");
        return matrix;
    }
    if (rows->is_array() && rows->empty()) {
        arguments.reject(name + ": an empty array has no rows");
        return matrix;
    }
    if (!rows->is_array()) {
        arguments.reject(name + ": " + text_of(*rows) + " is not an array of rows");
        return matrix;
    }
    for (std::size_t i = 0; i < rows->size(); ++i) {
        if (const Result<void> added = append_row((*rows)[i], matrix); !added) {
            arguments.reject(name + ": row " + std::to_string(i) + ": " + added.error().message);
            return {};
        }
    }
    const auto longest = static_cast<std::int64_t>(std::max(matrix.rows, matrix.columns));
    if (matrix.columns == 0 || longest > side_range.max) {
        arguments.reject(name + ": it is " + shape(matrix) + "; each side allowed " +
                         text_of(side_range));
    }
    return matrix;
}

Result<Factors> factors_from_args(const Value& args) {
    Arguments arguments(args);
    Factors factors{read_rows(arguments, "a"), read_rows(arguments, "b")};
    if (factors.a.columns != factors.b.rows) {
        arguments.reject("a is " + shape(factors.a) + " and b " + shape(factors.b) +
                         "; a must have as many columns as b has rows");
    }
    if (factors.a.rows * factors.b.columns > value_numbers_max) {
        arguments.reject("the product would have " +
                         std::to_string(factors.a.rows * factors.b.columns) +
                         " numbers; as a value allowed " + std::to_string(value_numbers_max) +
                         ", as payload " + std::to_string(float64_count_max));
    }
    return arguments.check().map([&] { return std::move(factors); });
}

Result<void> check_sizes(const Factors& factors, ByteView payload) {
    const std::size_t numbers =
        factors.a.rows * factors.a.columns + factors.b.rows * factors.b.columns;
    if (payload.size() != numbers * sizeof(double)) {
        return fail(ErrorCode::rejected,
                    "matrices of " + shape(factors.a) + " and " + shape(factors.b) + " have " +
                        std::to_string(numbers * sizeof(double)) + " bytes, but the payload has " +
                        std::to_string(payload.size()));
    }
    const std::size_t product = factors.a.rows * factors.b.columns;
    if (product > float64_count_max) {
        return fail(ErrorCode::rejected, "the product would have " + std::to_string(product) +
                                             " numbers; allowed " +
                                             std::to_string(float64_count_max));
    }
    return {};
}

Result<Factors> factors_from_payload(const Value& args, ByteView payload) {
    Arguments arguments(args);
    const auto rows = static_cast<std::size_t>(arguments.integer("rows", side_range));
    const auto inner = static_cast<std::size_t>(arguments.integer("inner", side_range));
    const auto columns = static_cast<std::size_t>(arguments.integer("columns", side_range));
    Factors factors{{rows, inner, {}}, {inner, columns, {}}};
    const Result<void> checked =
        arguments.check().and_then([&] { return check_sizes(factors, payload); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return float64_from(payload).map([&](std::vector<double> numbers) {
        const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(rows * inner);
        factors.b.numbers.assign(middle, numbers.end());
        numbers.erase(middle, numbers.end());
        factors.a.numbers = std::move(numbers);
        return std::move(factors);
    });
}

Value rows_of(const Matrix& matrix) {
    Value rows = Value::array();
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        const double* row = matrix.numbers.data() + i * matrix.columns;
        rows.push_back(Value::array_t(row, row + matrix.columns));
    }
    return rows;
}

Result<Output> output_of(const Matrix& product, bool as_payload) {
    if (!std::ranges::all_of(product.numbers, [](double n) { return std::isfinite(n); })) {
        return fail(ErrorCode::rejected, "the result is beyond the floating-point range");
    }
    Output output{.value = {{"rows", product.rows}, {"columns", product.columns}}, .payload = {}};
    if (as_payload) {
        output.payload = float64_payload(product.numbers);
    } else {
        output.value["product"] = rows_of(product);
    }
    return output;
}

}  // namespace

// {"a": [[...], ...], "b": [[...], ...]}: gives {"rows", "columns", "product": [[...], ...]}. Or
// {"rows", "inner", "columns"} and as payload a and then b, row by row in float64: gives {"rows",
// "columns"} and the product as payload. Looks for a cancel every few milliseconds.
Result<Output> matmul(const Input& input, Context& context) {
    const bool as_payload = !input.payload.empty();
    const Result<Factors> factors = as_payload ? factors_from_payload(input.args, input.payload)
                                               : factors_from_args(input.args);
    if (!factors) {
        return tl::unexpected(factors.error());
    }
    const KeepOn keep_on = [&context](double fraction) {
        context.progress(fraction, "multiplying");
        return !context.cancelled();
    };
    return product_of(factors->a, factors->b, keep_on).and_then([&](const Matrix& product) {
        return output_of(product, as_payload);
    });
}

}  // namespace penstock::worker::math
