#include "common/protocol/value.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace penstock {
namespace {

// The parts of a library's error message that people can use are at its front; the rest may be as
// long as the input.
constexpr std::size_t message_bytes_max = 300;

// "[json.exception.parse_error.101] parse error at line 1, ..." without the part in brackets.
std::string plain_message(const Value::exception& error) {
    std::string_view text = error.what();
    if (text.starts_with('[')) {
        const std::size_t end = text.find("] ");
        text.remove_prefix(end == std::string_view::npos ? 0 : end + 2);
    }
    std::string message(text.substr(0, message_bytes_max));
    for (char& letter : message) {
        const bool printable = letter >= ' ' && letter <= '~';
        letter = printable ? letter : '?';
    }
    return message;
}

// What follows the first byte of a MessagePack value.
struct Layout {
    enum class Kind : std::uint8_t { invalid, scalar, text, array, map };
    Kind kind = Kind::invalid;
    std::uint8_t length_bytes = 0;  // size of the count that follows
    std::uint8_t fixed_bytes = 0;   // size of what follows the count, beside the content
};

// Layouts of the first bytes 0xc0 to 0xdf, in the order of the MessagePack specification.
constexpr std::array<Layout, 32> layouts{{
    {Layout::Kind::scalar, 0, 0},   // nil
    {Layout::Kind::invalid, 0, 0},  // never used
    {Layout::Kind::scalar, 0, 0},   // false
    {Layout::Kind::scalar, 0, 0},   // true
    {Layout::Kind::scalar, 1, 0},   // bin 8
    {Layout::Kind::scalar, 2, 0},   // bin 16
    {Layout::Kind::scalar, 4, 0},   // bin 32
    {Layout::Kind::scalar, 1, 1},   // ext 8
    {Layout::Kind::scalar, 2, 1},   // ext 16
    {Layout::Kind::scalar, 4, 1},   // ext 32
    {Layout::Kind::scalar, 0, 4},   // float 32
    {Layout::Kind::scalar, 0, 8},   // float 64
    {Layout::Kind::scalar, 0, 1},   // uint 8
    {Layout::Kind::scalar, 0, 2},   // uint 16
    {Layout::Kind::scalar, 0, 4},   // uint 32
    {Layout::Kind::scalar, 0, 8},   // uint 64
    {Layout::Kind::scalar, 0, 1},   // int 8
    {Layout::Kind::scalar, 0, 2},   // int 16
    {Layout::Kind::scalar, 0, 4},   // int 32
    {Layout::Kind::scalar, 0, 8},   // int 64
    {Layout::Kind::scalar, 0, 2},   // fixext 1
    {Layout::Kind::scalar, 0, 3},   // fixext 2
    {Layout::Kind::scalar, 0, 5},   // fixext 4
    {Layout::Kind::scalar, 0, 9},   // fixext 8
    {Layout::Kind::scalar, 0, 17},  // fixext 16
    {Layout::Kind::text, 1, 0},     // str 8
    {Layout::Kind::text, 2, 0},     // str 16
    {Layout::Kind::text, 4, 0},     // str 32
    {Layout::Kind::array, 2, 0},    // array 16
    {Layout::Kind::array, 4, 0},    // array 32
    {Layout::Kind::map, 2, 0},      // map 16
    {Layout::Kind::map, 4, 0},      // map 32
}};

// Walks over one MessagePack value without recursion and without memory of its own, so that the
// library, which recurses, only ever sees input that is whole and shallow.
class StructureCheck {
  public:
    explicit StructureCheck(ByteView bytes) : bytes_(bytes) {}

    // Why the bytes are not exactly one acceptable value, or nothing.
    std::optional<std::string> run() {
        do {
            if (auto problem = step()) {
                return problem;
            }
            while (depth_ > 0 && levels_[depth_ - 1].remaining == 0) {
                --depth_;
            }
        } while (depth_ > 0);
        if (offset_ != bytes_.size()) {
            return "there are bytes after the value, from byte " + std::to_string(offset_);
        }
        return std::nullopt;
    }

  private:
    struct Level {
        std::uint64_t remaining = 0;  // values still to come; keys count as values
        bool is_map = false;
    };
    struct Head {
        Layout::Kind kind = Layout::Kind::invalid;
        std::uint64_t count = 0;  // bytes of content, or children
    };

    // One value, without the children that it announces.
    std::optional<std::string> step() {
        if (++count_ > value_count_max) {
            return "it holds more than " + std::to_string(value_count_max) +
                   " values; send bulk data as payload bytes, or split it";
        }
        const std::size_t start = offset_;
        const std::optional<Head> head = read_head();
        if (!head) {
            return "it ends in the middle of a value, at byte " + std::to_string(bytes_.size());
        }
        if (head->kind == Layout::Kind::invalid) {
            return "byte " + std::to_string(start) + " starts no value";
        }
        if (depth_ > 0) {
            Level& level = levels_[depth_ - 1];
            const bool is_key = level.is_map && level.remaining % 2 == 0;
            if (is_key && head->kind != Layout::Kind::text) {
                return "the key at byte " + std::to_string(start) + " is not a string";
            }
            --level.remaining;
        }
        const bool is_map = head->kind == Layout::Kind::map;
        if (is_map || head->kind == Layout::Kind::array) {
            if (depth_ == levels_.size()) {
                return "it is nested deeper than " + std::to_string(value_depth_max) + " levels";
            }
            levels_[depth_++] = Level{is_map ? 2 * head->count : head->count, is_map};
            return std::nullopt;
        }
        if (head->count > bytes_.size() - offset_) {
            return "it ends in the middle of a value, at byte " + std::to_string(bytes_.size());
        }
        offset_ += static_cast<std::size_t>(head->count);
        return std::nullopt;
    }

    // Steps over the first byte and the count; nothing if the bytes end before that.
    std::optional<Head> read_head() {
        if (offset_ == bytes_.size()) {
            return std::nullopt;
        }
        const auto first = std::to_integer<std::uint8_t>(bytes_[offset_++]);
        if (first < 0x80 || first >= 0xe0) {
            return Head{Layout::Kind::scalar, 0};
        }
        if (first < 0x90) {
            return Head{Layout::Kind::map, first & 0x0fU};
        }
        if (first < 0xa0) {
            return Head{Layout::Kind::array, first & 0x0fU};
        }
        if (first < 0xc0) {
            return Head{Layout::Kind::text, first & 0x1fU};
        }
        const Layout& layout = layouts[first - 0xc0U];
        if (layout.length_bytes > bytes_.size() - offset_) {
            return std::nullopt;
        }
        std::uint64_t count = 0;
        for (int i = 0; i < layout.length_bytes; ++i) {
            count = count << 8U | std::to_integer<std::uint8_t>(bytes_[offset_++]);
        }
        return Head{layout.kind, count + layout.fixed_bytes};
    }

    ByteView bytes_;
    std::size_t offset_ = 0;
    std::array<Level, value_depth_max> levels_{};
    std::size_t depth_ = 0;
    std::size_t count_ = 0;
};

// True if brackets are open deeper than allowed somewhere in the text. Looks at nothing else: what
// is not JSON is the parser's to explain.
bool is_too_deep(std::string_view json) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char letter = json[i];
        if (in_string) {
            i += letter == '\\' ? 1 : 0;
            in_string = letter != '"';
            continue;
        }
        in_string = letter == '"';
        depth += letter == '[' || letter == '{' ? 1 : 0;
        depth -= letter == ']' || letter == '}' ? 1 : 0;
        if (depth > value_depth_max) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<Value> value_from_msgpack(ByteView bytes) {
    if (bytes.empty()) {
        return Value();
    }
    if (const auto problem = StructureCheck(bytes).run()) {
        return fail(ErrorCode::malformed, "not a MessagePack value: " + *problem);
    }
    try {
        const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
        return Value::from_msgpack(begin, begin + bytes.size());
    } catch (const Value::exception& error) {
        return fail(ErrorCode::malformed, "not a MessagePack value: " + plain_message(error));
    }
}

SharedBytes msgpack_from_value(const Value& value) {
    auto owner = std::make_shared<const std::vector<std::uint8_t>>(Value::to_msgpack(value));
    const ByteView view = std::as_bytes(std::span(*owner));
    return {std::move(owner), view};
}

Result<Value> value_from_json(std::string_view text) {
    if (is_too_deep(text)) {
        return fail(ErrorCode::malformed, "not usable as JSON: nested deeper than " +
                                              std::to_string(value_depth_max) + " levels");
    }
    try {
        return Value::parse(text);
    } catch (const Value::exception& error) {
        return fail(ErrorCode::malformed, "not valid JSON: " + plain_message(error));
    }
}

std::string json_from_value(const Value& value) {
    return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

}  // namespace penstock
