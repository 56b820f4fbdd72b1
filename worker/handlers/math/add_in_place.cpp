#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"
#include "worker/sdk/shared_buffer.hpp"

namespace penstock::worker::math {
namespace {

enum class ElementType : std::uint8_t { int32, int64, float32, float64 };
constexpr std::array<Choice<ElementType>, 4> element_types{{{"int32", ElementType::int32},
                                                            {"int64", ElementType::int64},
                                                            {"float32", ElementType::float32},
                                                            {"float64", ElementType::float64}}};
constexpr NumberRange any_number{std::numeric_limits<double>::lowest(),
                                 std::numeric_limits<double>::max()};

// The number as this type, if the type has it.
template <typename T>
Result<T> addend_of(const Value& add) {
    if constexpr (std::is_integral_v<T>) {
        return integer_from(add, {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()})
            .map([](std::int64_t whole) { return static_cast<T>(whole); });
    } else {
        const double number = add.get<double>();
        if (std::abs(number) > double{std::numeric_limits<T>::max()}) {
            return fail(ErrorCode::rejected, "the number is beyond the range of the type");
        }
        return static_cast<T>(number);
    }
}

template <typename T>
std::optional<T> sum_of(T element, T addend) {
    if constexpr (std::is_integral_v<T>) {
        T sum = 0;
        return __builtin_add_overflow(element, addend, &sum) ? std::nullopt : std::optional(sum);
    } else {
        const T sum = element + addend;
        return std::isfinite(sum) ? std::optional(sum) : std::nullopt;
    }
}

template <typename T>
Result<Output> add(std::span<std::byte> bytes, const Value& number) {
    if (bytes.size() % sizeof(T) != 0) {
        return fail(ErrorCode::rejected, "buffer: its bytes are not a whole number of elements");
    }
    const Result<T> addend = addend_of<T>(number);
    if (!addend) {
        return tl::unexpected(Error{ErrorCode::rejected, "add: " + addend.error().message});
    }
    // A buffer begins with a page, so it is aligned for every type.
    const std::span<T> elements(reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T));
    // First, so that nothing is changed unless all of it can be.
    for (const T element : elements) {
        if (!sum_of(element, *addend)) {
            return fail(ErrorCode::rejected,
                        "add: a sum is beyond the range of the type; nothing was changed");
        }
    }
    for (T& element : elements) {
        const std::optional<T> sum = sum_of(T{element}, *addend);
        if (!sum) {
            return fail(ErrorCode::rejected,
                        "buffer: somebody else changed it meanwhile; some elements are added to");
        }
        element = *sum;
    }
    return Output{{{"elements", elements.size()}}, {}};
}

}  // namespace

// {"buffer": {…}, "add": 5, "type": "int32"}: adds to every element of a buffer that the producer
// has mapped, where it lies.
Result<Output> add_in_place(const Input& input, Context& /*context*/) {
    Arguments arguments(input.args);
    static_cast<void>(arguments.number("add", any_number));
    const ElementType type = arguments.choice("type", element_types, ElementType::int32);
    static_cast<void>(arguments.value("buffer"));
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    const Result<shm::MappedBuffer> buffer = open_shared_buffer(arguments, "buffer");
    if (!buffer) {
        return tl::unexpected(buffer.error());
    }
    const Value& number = *arguments.value("add");
    switch (type) {
        case ElementType::int32: return add<std::int32_t>(buffer->bytes(), number);
        case ElementType::int64: return add<std::int64_t>(buffer->bytes(), number);
        case ElementType::float32: return add<float>(buffer->bytes(), number);
        case ElementType::float64: return add<double>(buffer->bytes(), number);
    }
    return fail(ErrorCode::rejected, "type: unknown");
}

}  // namespace penstock::worker::math
