// Argument and result values as a tree: what handlers and people work with. The one door to
// nlohmann-json. The broker never comes here; to it a value is opaque bytes.
//
// Thread rule: free functions over values.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock {

using Value = nlohmann::json;

// Deeper input is refused: reading, writing and destroying a tree recurse.
inline constexpr int value_depth_max = 64;
// More values (keys count) in one MessagePack body are refused: a byte of input can become a value
// of up to 176 bytes (an empty map in an array, measured), so this bounds a tree to 370 MB.
inline constexpr std::size_t value_count_max = 2U << 20U;

// Reads exactly one MessagePack value; empty bytes are nil. Truncated, trailing, too deep or too
// rich input is ErrorCode::malformed.
[[nodiscard]] Result<Value> value_from_msgpack(ByteView bytes);
[[nodiscard]] SharedBytes msgpack_from_value(const Value& value);

// Reads one JSON text; the error names line and column and what was expected.
[[nodiscard]] Result<Value> value_from_json(std::string_view text);
// One line, no spaces; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_from_value(const Value& value);

}  // namespace penstock
