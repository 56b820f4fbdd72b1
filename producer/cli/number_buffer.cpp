#include "producer/cli/number_buffer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace penstock::cli {
namespace {

// Of what is wrong, in an error.
constexpr std::size_t shown_max = 20;

struct NamedType {
    std::string_view name;
    NumberType type;
};
constexpr NamedType types[] = {{"int32", NumberType::int32},
                               {"int64", NumberType::int64},
                               {"float32", NumberType::float32},
                               {"float64", NumberType::float64}};

std::optional<NumberType> type_named(std::string_view name) {
    for (const NamedType& one : types) {
        if (one.name == name) {
            return one.type;
        }
    }
    return std::nullopt;
}

template <typename T>
Result<std::vector<std::byte>> read_numbers(std::string_view text) {
    std::vector<std::byte> bytes;
    while (true) {
        T number{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const std::size_t read = static_cast<std::size_t>(end - text.data());
        const bool is_finite = std::isfinite(static_cast<double>(number));
        if (error != std::errc{} || !is_finite || (read < text.size() && text[read] != ',')) {
            return fail(ErrorCode::malformed, "--buffer: expected a number of its type at '" +
                                                  std::string(text.substr(0, shown_max)) + "'");
        }
        const auto* const first = reinterpret_cast<const std::byte*>(&number);
        bytes.insert(bytes.end(), first, first + sizeof number);
        if (read == text.size()) {
            return bytes;
        }
        text.remove_prefix(read + 1);
    }
}

Result<std::vector<std::byte>> read_numbers(NumberType type, std::string_view text) {
    switch (type) {
        case NumberType::int32: return read_numbers<std::int32_t>(text);
        case NumberType::int64: return read_numbers<std::int64_t>(text);
        case NumberType::float32: return read_numbers<float>(text);
        case NumberType::float64: return read_numbers<double>(text);
    }
    return fail(ErrorCode::malformed, "--buffer: unknown type");
}

// As few digits as tell it from its neighbours: 0.1, not 0.10000000149011612.
double shortest(float number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    double same = 0;
    std::from_chars(digits.data(), end, same);
    return same;
}
template <typename T>
T shortest(T number) {
    return number;
}

template <typename T>
Value array_of(std::span<const std::byte> bytes) {
    Value numbers = Value::array();
    for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
        T number{};
        std::memcpy(&number, bytes.data() + at, sizeof number);
        numbers.push_back(shortest(number));
    }
    return numbers;
}

}  // namespace

Result<NumberBuffer> NumberBuffer::parse(const std::string& text) {
    const std::size_t colon = text.find(':');
    const std::optional<NumberType> type =
        colon == std::string::npos ? std::nullopt : type_named(text.substr(0, colon));
    if (!type) {
        return fail(ErrorCode::malformed, "--buffer: '" + text.substr(0, shown_max) +
                                              "' is not TYPE:NUMBER,…, such as int32:10,20 (types: "
                                              "int32, int64, float32, float64)");
    }
    const Result<std::vector<std::byte>> bytes =
        read_numbers(*type, std::string_view(text).substr(colon + 1));
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    Result<shm::SharedBuffer> made = shm::SharedBuffer::create(bytes->size());
    if (!made) {
        // Not `unavailable`, which is said of brokers.
        return fail(ErrorCode::internal, "--buffer: " + made.error().message);
    }
    return std::move(made).map([&](shm::SharedBuffer memory) {
        std::memcpy(memory.bytes().data(), bytes->data(), bytes->size());
        return NumberBuffer(*type, text.substr(0, colon), std::move(memory));
    });
}

Value NumberBuffer::numbers() const {
    switch (type_) {
        case NumberType::int32: return array_of<std::int32_t>(memory_.bytes());
        case NumberType::int64: return array_of<std::int64_t>(memory_.bytes());
        case NumberType::float32: return array_of<float>(memory_.bytes());
        case NumberType::float64: return array_of<double>(memory_.bytes());
    }
    return {};
}

}  // namespace penstock::cli
