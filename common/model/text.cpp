#include "common/model/text.hpp"

#include <cstdint>
#include <cstring>

namespace penstock {
namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

bool is_continuation(unsigned byte) {
    return (byte & 0xc0U) == 0x80U;
}

// The length of the character that the text begins with; 0 if it begins with none. The ranges are
// those of table 3-7 of the Unicode standard.
std::size_t first_character(std::string_view text) {
    const unsigned lead = byte_at(text, 0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (text.size() < length) {
        return 0;
    }
    const unsigned second = byte_at(text, 1);
    const bool is_overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool is_surrogate = lead == 0xed && second > 0x9f;
    const bool is_above_all = lead == 0xf4 && second > 0x8f;
    if (is_overlong || is_surrogate || is_above_all) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(byte_at(text, i))) {
            return 0;
        }
    }
    return length;
}

// How many ASCII characters the text begins with, to within the last seven: by eight bytes at a
// time, for most text is nothing else.
std::size_t ascii_at_front(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080U;
    std::size_t length = 0;
    std::uint64_t eight = 0;
    while (text.size() - length >= sizeof eight) {
        std::memcpy(&eight, text.data() + length, sizeof eight);
        if ((eight & high_bits) != 0) {
            break;
        }
        length += sizeof eight;
    }
    return length;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        text.remove_prefix(ascii_at_front(text));
        if (text.empty()) {
            return true;
        }
        const std::size_t length = first_character(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string_view beginning(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return text;
    }
    std::size_t length = bytes_max;
    while (length > 0 && is_continuation(byte_at(text, length))) {
        --length;
    }
    return text.substr(0, length);
}

std::string mended(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = first_character(text);
        if (length == 0) {
            result.push_back('?');
            text.remove_prefix(1);
            continue;
        }
        result.append(text.substr(0, length));
        text.remove_prefix(length);
    }
    return result;
}

}  // namespace penstock
