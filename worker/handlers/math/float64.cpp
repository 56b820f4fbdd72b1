#include "worker/handlers/math/float64.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <variant>

#include "worker/handlers/math/numbers.hpp"

namespace penstock::worker::math {
namespace {

static_assert(std::endian::native == std::endian::little, "a payload is read as it lies in memory");
static_assert(std::numeric_limits<double>::is_iec559 && sizeof(double) == 8);

std::string element(std::size_t index) {
    return "element " + std::to_string(index) + ": ";
}

}  // namespace

Result<std::vector<double>> float64_from(const Value& array) {
    if (!array.is_array()) {
        return fail(ErrorCode::rejected, text_of(array) + " is not an array of numbers");
    }
    std::vector<double> numbers;
    numbers.reserve(array.size());
    for (const Value& value : array) {
        const Result<Number> number = number_from(value);
        if (!number) {
            return fail(ErrorCode::rejected, element(numbers.size()) + number.error().message);
        }
        numbers.push_back(std::visit([](auto n) { return static_cast<double>(n); }, *number));
    }
    return numbers;
}

Result<std::vector<double>> float64_from(ByteView payload) {
    if (payload.size() % sizeof(double) != 0) {
        return fail(ErrorCode::rejected, "the payload has " + std::to_string(payload.size()) +
                                             " bytes, which is no multiple of 8");
    }
    const std::size_t count = payload.size() / sizeof(double);
    if (count > float64_count_max) {
        return fail(ErrorCode::rejected, "the payload has " + std::to_string(count) +
                                             " numbers; allowed " +
                                             std::to_string(float64_count_max));
    }
    std::vector<double> numbers(count);
    if (count > 0) {
        std::memcpy(numbers.data(), payload.data(), payload.size());
    }
    const auto odd = std::ranges::find_if_not(numbers, [](double n) { return std::isfinite(n); });
    if (odd != numbers.end()) {
        return fail(ErrorCode::rejected, element(static_cast<std::size_t>(odd - numbers.begin())) +
                                             "it is not a finite number");
    }
    return numbers;
}

SharedBytes float64_payload(std::span<const double> numbers) {
    return SharedBytes::copy_of(std::as_bytes(numbers));
}

}  // namespace penstock::worker::math
