#include "common/protocol/reader.hpp"

namespace penstock::protocol {
namespace {

// First bytes of the MessagePack specification; widths of one type follow each other. For the fix
// formats, the bits that tell them.
constexpr std::uint8_t fixint_end = 0x80;
constexpr std::uint8_t fixarray = 0x90;
constexpr std::uint8_t fixarray_mask = 0xf0;
constexpr std::uint8_t fixtext = 0xa0;
constexpr std::uint8_t fixtext_mask = 0xe0;
constexpr std::uint8_t nil_byte = 0xc0;
constexpr std::uint8_t false_byte = 0xc2;
constexpr std::uint8_t true_byte = 0xc3;
constexpr std::uint8_t bin8 = 0xc4;
constexpr std::uint8_t bin32 = 0xc6;
constexpr std::uint8_t uint8 = 0xcc;
constexpr std::uint8_t uint64 = 0xcf;
constexpr std::uint8_t int8 = 0xd0;
constexpr std::uint8_t int64 = 0xd3;
constexpr std::uint8_t str8 = 0xd9;
constexpr std::uint8_t str32 = 0xdb;
constexpr std::uint8_t array16 = 0xdc;
constexpr std::uint8_t array32 = 0xdd;

std::uint8_t number(std::byte byte) {
    return std::to_integer<std::uint8_t>(byte);
}

}  // namespace

void Reader::fail(ErrorCode code, const char* field, std::string_view what) {
    next_ = end_;
    if (failed_) {
        return;
    }
    failed_ = true;
    error_.code = code;
    error_.message = subject_;
    for (std::size_t i = 0; i < depth_; ++i) {
        error_.message.append(".").append(path_[i].field);
        if (path_[i].index != no_index) {
            error_.message.append("[").append(std::to_string(path_[i].index)).append("]");
        }
    }
    if (field != nullptr) {
        error_.message.append(".").append(field);
    }
    error_.message.append(": ").append(what);
}

void Reader::expected(const char* field, std::string_view what) {
    std::string text = "expected ";
    text.append(what);
    if (next_ == end_) {
        text.append(", but the frame ends here");
    }
    fail(ErrorCode::malformed, field, text);
}

Reader::Type Reader::peek() const {
    if (next_ == end_) {
        return Type::nothing;
    }
    const std::uint8_t first = number(*next_);
    if (first < fixint_end || (first >= uint8 && first <= uint64)) {
        return Type::uint;
    }
    if ((first & fixarray_mask) == fixarray || first == array16 || first == array32) {
        return Type::array;
    }
    if ((first & fixtext_mask) == fixtext || (first >= str8 && first <= str32)) {
        return Type::text;
    }
    if (first >= bin8 && first <= bin32) {
        return Type::binary;
    }
    if (first >= int8 && first <= int64) {
        return Type::uint;  // if it turns out not to be negative
    }
    if (first == nil_byte) {
        return Type::nil;
    }
    return first == false_byte || first == true_byte ? Type::boolean : Type::other;
}

bool Reader::nil() {
    if (next_ == end_ || number(*next_) != nil_byte) {
        return false;
    }
    ++next_;
    return true;
}

bool Reader::boolean(const char* field) {
    if (peek() != Type::boolean) {
        expected(field, "bool");
        return false;
    }
    return number(*next_++) == true_byte;
}

bool Reader::big_endian(std::size_t width, std::uint64_t& value) {
    if (remaining() < width) {
        next_ = end_;
        return false;
    }
    value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = (value << 8U) | number(*next_++);
    }
    return true;
}

bool Reader::uint_of_any_width(std::uint64_t& value) {
    if (next_ == end_) {
        return false;
    }
    const std::uint8_t first = number(*next_);
    if (first < fixint_end) {
        value = first;
        ++next_;
        return true;
    }
    if (first >= uint8 && first <= uint64) {
        ++next_;
        return big_endian(std::size_t{1} << (first - uint8), value);
    }
    if (first >= int8 && first <= int64) {
        ++next_;
        const std::size_t width = std::size_t{1} << (first - int8);
        const bool read = big_endian(width, value);
        const bool negative = ((value >> (8 * width - 1)) & 1U) != 0;
        return read && !negative;
    }
    return false;
}

std::uint64_t Reader::uint(const char* field, std::uint64_t max) {
    std::uint64_t value = 0;
    if (!uint_of_any_width(value)) {
        expected(field, "uint");
        return 0;
    }
    if (value > max) {
        fail(ErrorCode::malformed, field,
             std::to_string(value) + " is over the largest value, " + std::to_string(max));
        return 0;
    }
    return value;
}

bool Reader::text_length(std::uint64_t& length) {
    if (peek() != Type::text) {
        return false;
    }
    const std::uint8_t first = number(*next_++);
    if ((first & fixtext_mask) == fixtext) {
        length = first & ~fixtext_mask & 0xffU;
        return true;
    }
    return big_endian(std::size_t{1} << (first - str8), length);
}

bool Reader::binary_length(std::uint64_t& length) {
    if (peek() != Type::binary) {
        return false;
    }
    const std::uint8_t first = number(*next_++);
    return big_endian(std::size_t{1} << (first - bin8), length);
}

bool Reader::array_length(std::uint64_t& length) {
    if (peek() != Type::array) {
        return false;
    }
    const std::uint8_t first = number(*next_++);
    if ((first & fixarray_mask) == fixarray) {
        length = first & ~fixarray_mask & 0xffU;
        return true;
    }
    return big_endian(std::size_t{2} << (first - array16), length);
}

std::string_view Reader::text(const char* field, std::size_t bytes_max) {
    std::uint64_t length = 0;
    if (!text_length(length)) {
        expected(field, "str");
        return {};
    }
    if (length > bytes_max) {
        fail(ErrorCode::malformed, field, "longer than " + std::to_string(bytes_max) + " bytes");
        return {};
    }
    if (length > remaining()) {
        fail(ErrorCode::malformed, field, "the str is longer than the frame");
        return {};
    }
    return as_text(take(static_cast<std::size_t>(length)));
}

ByteView Reader::binary(const char* field) {
    std::uint64_t length = 0;
    if (!binary_length(length)) {
        expected(field, "bin");
        return {};
    }
    if (length > remaining()) {
        fail(ErrorCode::malformed, field, "the bin is longer than the frame");
        return {};
    }
    return take(static_cast<std::size_t>(length));
}

std::size_t Reader::array(const char* field, std::size_t count_max, std::size_t element_bytes_min) {
    std::uint64_t count = 0;
    if (!array_length(count)) {
        expected(field, "array");
        return 0;
    }
    if (count > count_max) {
        fail(ErrorCode::malformed, field,
             std::to_string(count) + " elements, at most " + std::to_string(count_max));
        return 0;
    }
    if (count * element_bytes_min > remaining()) {
        fail(ErrorCode::malformed, field, "more elements than the frame can hold");
        return 0;
    }
    return static_cast<std::size_t>(count);
}

void Reader::tuple(const char* field, std::size_t count) {
    std::uint64_t found = 0;
    if (!array_length(found)) {
        expected(field, "array of " + std::to_string(count));
        return;
    }
    if (found != count) {
        fail(ErrorCode::malformed, field,
             "expected array of " + std::to_string(count) + ", got " + std::to_string(found));
    }
}

}  // namespace penstock::protocol
