#include "common/protocol/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace penstock {
namespace {

Result<Value> read(const std::vector<int>& bytes) {
    const std::string text(bytes.begin(), bytes.end());
    return value_from_msgpack(as_byte_view(text));
}

std::string refusal(const Result<Value>& result) {
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::malformed);
    return result.error().message;
}

// `depth` arrays, one in the other.
std::string nested_arrays(std::size_t depth) {
    return std::string(depth - 1, '\x91') + '\x90';
}

TEST_CASE("every kind of value survives the way to MessagePack and back") {
    const std::vector<std::string> texts = {"null",
                                            "true",
                                            "-1",
                                            "127",
                                            "128",
                                            "65536",
                                            "-9223372036854775808",
                                            "18446744073709551615",
                                            "1.5",
                                            "3.141592653589793",
                                            R"("")",
                                            R"("grün")",
                                            "[]",
                                            "{}",
                                            R"({"a":[1,{"b":null}],"c":"d"})"};
    for (const std::string& text : texts) {
        const Value value = value_from_json(text).value();
        const SharedBytes bytes = msgpack_from_value(value);
        CHECK(value_from_msgpack(bytes.view()).value() == value);
        CHECK(json_from_value(value) == text);
    }
}

TEST_CASE("long strings, arrays and maps survive the way to MessagePack and back") {
    Value value;
    for (const std::size_t size : {15U, 16U, 31U, 32U, 255U, 256U, 65535U, 65536U}) {
        value["text"].push_back(std::string(size, 'x'));
        value["array"].push_back(std::vector<int>(size, 7));
        Value map = Value::object();
        for (std::size_t i = 0; i < size; ++i) {
            map[std::to_string(i)] = i;
        }
        value["map"].push_back(map);
    }
    CHECK(value_from_msgpack(msgpack_from_value(value).view()).value() == value);
}

TEST_CASE("no bytes are nil") {
    CHECK(value_from_msgpack({}).value().is_null());
}

TEST_CASE("every format of the specification is read") {
    const std::vector<std::vector<int>> whole = {
        {0x7f},
        {0xe0},
        {0xc0},
        {0xc2},
        {0xc3},
        {0xc4, 1, 9},
        {0xc5, 0, 1, 9},
        {0xc6, 0, 0, 0, 1, 9},
        {0xc7, 1, 5, 9},
        {0xc8, 0, 1, 5, 9},
        {0xc9, 0, 0, 0, 1, 5, 9},
        {0xca, 0, 0, 0, 0},
        {0xcb, 0, 0, 0, 0, 0, 0, 0, 0},
        {0xcc, 1},
        {0xcd, 0, 1},
        {0xce, 0, 0, 0, 1},
        {0xcf, 0, 0, 0, 0, 0, 0, 0, 1},
        {0xd0, 1},
        {0xd1, 0, 1},
        {0xd2, 0, 0, 0, 1},
        {0xd3, 0, 0, 0, 0, 0, 0, 0, 1},
        {0xd4, 5, 1},
        {0xd5, 5, 1, 1},
        {0xd6, 5, 1, 1, 1, 1},
        {0xd7, 5, 1, 1, 1, 1, 1, 1, 1, 1},
        {0xd8, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
        {0xa1, 'x'},
        {0xd9, 1, 'x'},
        {0xda, 0, 1, 'x'},
        {0xdb, 0, 0, 0, 1, 'x'},
        {0x91, 1},
        {0xdc, 0, 1, 1},
        {0xdd, 0, 0, 0, 1, 1},
        {0x81, 0xa1, 'x', 1},
        {0xde, 0, 1, 0xa1, 'x', 1},
        {0xdf, 0, 0, 0, 1, 0xa1, 'x', 1}};
    for (const std::vector<int>& bytes : whole) {
        CAPTURE(bytes);
        CHECK(read(bytes).has_value());
        for (std::size_t size = 1; size < bytes.size(); ++size) {
            const std::vector<int> cut(bytes.begin(),
                                       bytes.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK(refusal(read(cut)).find("ends in the middle") != std::string::npos);
        }
    }
}

TEST_CASE("bytes after the value are refused") {
    CHECK(refusal(read({0x01, 0x02})) ==
          "not a MessagePack value: there are bytes after the value, from byte 1");
}

TEST_CASE("the one unused first byte is refused") {
    CHECK(refusal(read({0x92, 0x01, 0xc1})) == "not a MessagePack value: byte 2 starts no value");
}

TEST_CASE("keys that are not strings are refused") {
    CHECK(refusal(read({0x82, 0xa1, 'a', 0x01, 0x02, 0x03})) ==
          "not a MessagePack value: the key at byte 4 is not a string");
}

TEST_CASE("announcing more than there is costs nothing and is refused") {
    CHECK(refusal(read({0xdd, 0xff, 0xff, 0xff, 0xff})).find("ends") != std::string::npos);
    CHECK(refusal(read({0xdf, 0xff, 0xff, 0xff, 0xff})).find("ends") != std::string::npos);
    CHECK(refusal(read({0xdb, 0xff, 0xff, 0xff, 0xff})).find("ends") != std::string::npos);
    CHECK(refusal(read({0xc6, 0xff, 0xff, 0xff, 0xff})).find("ends") != std::string::npos);
}

TEST_CASE("MessagePack may be nested to the limit and no deeper") {
    const std::string deepest = nested_arrays(value_depth_max);
    CHECK(value_from_msgpack(as_byte_view(deepest)).has_value());
    const std::string deeper = nested_arrays(value_depth_max + 1);
    CHECK(refusal(value_from_msgpack(as_byte_view(deeper))) ==
          "not a MessagePack value: it is nested deeper than 64 levels");
    const std::string bomb = nested_arrays(10'000'000);
    CHECK(refusal(value_from_msgpack(as_byte_view(bomb))).find("deeper") != std::string::npos);
}

TEST_CASE("a body with too many values is refused before memory is spent on it") {
    std::string bytes("\xdd\x00\x20\x00\x00", 5);  // announces value_count_max elements
    bytes.append(value_count_max, '\x80');
    CHECK(refusal(value_from_msgpack(as_byte_view(bytes))).find("more than 2097152 values") !=
          std::string::npos);
}

TEST_CASE("JSON may be nested to the limit and no deeper") {
    const std::string deepest = std::string(64, '[') + std::string(64, ']');
    CHECK(value_from_json(deepest).has_value());
    CHECK(refusal(value_from_json("[" + deepest + "]")).find("64 levels") != std::string::npos);
    CHECK(refusal(value_from_json(std::string(1'000'000, '['))).find("64 levels") !=
          std::string::npos);
    const std::string wide = "[" + std::string(99, ' ') + R"("[[[\"[[[", {"[":"{"}])";
    CHECK(value_from_json(wide).has_value());
    const std::string brackets = "\"\\\"" + std::string(100, '[') + "\"";
    CHECK(value_from_json(brackets).has_value());
}

TEST_CASE("the error for bad JSON names line and column and what was expected") {
    const std::string message = refusal(value_from_json("[1,\n 2,"));
    CHECK(message.find("line 2, column 4") != std::string::npos);
    CHECK(message.find("expected '['") != std::string::npos);
    CHECK(message.find("json.exception") == std::string::npos);
}

TEST_CASE("no JSON, a number too large and text that is not UTF-8 are refused in one short line") {
    const std::string long_text = "\"" + std::string(100'000, 'x');
    for (const std::string& text : {std::string(), std::string("1e999"), std::string("\"\xff\""),
                                    std::string("nul"), std::string("[1] 2"), long_text}) {
        const std::string message = refusal(value_from_json(text));
        CHECK(message.starts_with("not valid JSON: "));
        CHECK(message.size() < 400);
        CHECK(message.find('\n') == std::string::npos);
    }
}

TEST_CASE("JSON is written in one line, and bytes that are not UTF-8 are replaced") {
    const Value value = {{"a", {1, 2}}, {"b", "x\ny"}};
    CHECK(json_from_value(value) == R"({"a":[1,2],"b":"x\ny"})");
    CHECK(json_from_value(Value("a\xff"
                                "b")) ==
          "\"a\xEF\xBF\xBD"
          "b\"");
    CHECK_NOTHROW(json_from_value(Value::binary({1, 2, 3})));
}

}  // namespace
}  // namespace penstock
