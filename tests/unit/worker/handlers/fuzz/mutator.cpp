#include <cstdint>
#include <limits>

#include "tests/unit/worker/handlers/fuzz/argument_fuzz.hpp"

namespace penstock::worker::fuzz {
namespace {

Value nested_arrays(int depth) {
    Value value = 1;
    for (int i = 0; i < depth; ++i) {
        value = Value::array({std::move(value)});
    }
    return value;
}

// What handlers forget about.
const std::vector<Value>& hostile_values() {
    static const std::vector<Value> values{
        nullptr,
        true,
        false,
        0,
        -1,
        1,
        65'536,
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::uint64_t>::max(),
        1.5,
        -0.0,
        1e308,
        std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::infinity(),
        "",
        "x",
        "{x}",
        "-1",
        std::string("a\0b", 3),
        "\xff\xfe",
        std::string(64, 'a'),
        std::string(5'000, 'y'),
        Value::array(),
        Value::object(),
        Value::array({1, "two", nullptr}),
        {{"a", {{"b", 1}}}},
        nested_arrays(60),
        Value::binary({0, 1, 255}),
    };
    return values;
}

}  // namespace

std::size_t Mutator::below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
}

Document Mutator::broken(Document document, const Document& other) {
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
        // The payload of a type that takes none is left alone most of the time.
        if (below(document.payload.empty() ? 16 : 3) == 0) {
            document.payload = below(8) == 0 ? other.payload : broken_bytes(document.payload);
        } else {
            change(document.args, other.args);
        }
    }
    return document;
}

std::string Mutator::broken_bytes(std::string bytes) {
    const std::size_t place = below(bytes.size() + 1);
    switch (below(5)) {
        case 0: bytes.resize(place); break;
        case 1: bytes.insert(place, 1 + below(9), static_cast<char>(below(256))); break;
        case 2: bytes.erase(place, 1 + below(9)); break;
        case 3: bytes.insert(place, bytes.substr(0, below(100))); break;
        case 4:
            if (place < bytes.size()) {
                bytes[place] = static_cast<char>(bytes[place] ^ (1 << below(8)));
            }
            break;
    }
    return bytes;
}

// Goes down the tree by chance, and changes what it finds where it stops.
void Mutator::change(Value& value, const Value& other) {
    if (below(24) == 0) {
        value = hostile(other);
    } else if (value.is_object()) {
        change_object(value, other);
    } else if (value.is_array()) {
        change_array(value, other);
    } else {
        value = below(2) == 0 ? near(value) : hostile(other);
    }
}

void Mutator::change_object(Value& object, const Value& other) {
    if (object.empty() || below(6) == 0) {
        object["extra"] = hostile(other);
        return;
    }
    const auto field = std::next(object.begin(), static_cast<std::ptrdiff_t>(below(object.size())));
    switch (below(6)) {
        case 0: object.erase(field); break;
        case 1: {
            Value moved = field.value();
            const std::string name = broken_bytes(field.key());
            object.erase(field);
            object[name] = std::move(moved);
            break;
        }
        default: change(field.value(), other); break;
    }
}

void Mutator::change_array(Value& array, const Value& other) {
    if (array.empty() || below(5) == 0) {
        array.push_back(hostile(other));
        return;
    }
    const std::size_t index = below(array.size());
    switch (below(4)) {
        case 0: array.erase(index); break;
        case 1: array.push_back(array[index]); break;
        default: change(array[index], other); break;
    }
}

Value Mutator::hostile(const Value& other) {
    const std::vector<Value>& values = hostile_values();
    const std::size_t index = below(values.size() + 1);
    return index < values.size() ? values[index] : other;
}

// Something of the same kind, close by: where ranges end.
Value Mutator::near(const Value& value) {
    if (value.is_string()) {
        return broken_bytes(value.get<std::string>());
    }
    if (value.is_boolean()) {
        return !value.get<bool>();
    }
    if (value.is_number_float()) {
        return value.get<double>() * (below(2) == 0 ? -1.0 : 10.0);
    }
    if (!value.is_number_integer()) {
        return value;
    }
    // As unsigned, which may overflow.
    const auto number = static_cast<std::uint64_t>(value.get<std::int64_t>());
    const std::uint64_t changed[] = {number + 1, number - 1, 0 - number, number * 2, number / 2};
    return static_cast<std::int64_t>(changed[below(std::size(changed))]);
}

}  // namespace penstock::worker::fuzz
