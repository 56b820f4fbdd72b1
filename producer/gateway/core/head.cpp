#include "producer/gateway/core/head.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::size_t boundary_max = 70;

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_boundary_character(char letter) {
    constexpr std::string_view others = "'()+_,-./:=? ";
    const char small = lower(letter);
    return (small >= 'a' && small <= 'z') || (letter >= '0' && letter <= '9') ||
           others.find(letter) != std::string_view::npos;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data(), end, number);
    if (text.empty() || problem != std::errc{} || stopped != end) {
        return std::nullopt;
    }
    return number;
}

// Reads the value at `at`, in quotes or not, and goes on to the next semicolon or the end. False if
// the quotes do not close.
bool read_value(std::string_view header, std::size_t& at, std::string& value) {
    if (at == header.size() || header[at] != '"') {
        const std::size_t end = std::min(header.find(';', at), header.size());
        value = trimmed(header.substr(at, end - at));
        at = end;
        return true;
    }
    for (++at; at < header.size() && header[at] != '"'; ++at) {
        at += header[at] == '\\' && at + 1 < header.size() ? 1 : 0;
        value += header[at];
    }
    if (at >= header.size()) {
        return false;
    }
    at = std::min(header.find(';', at), header.size());
    return true;
}

// A Content-Type without its parameters.
std::string_view media_type(std::string_view content_type) {
    return trimmed(content_type.substr(0, content_type.find(';')));
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

namespace {

bool is_token(std::string_view name) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    const auto may_stand = [](char letter) {
        return (letter >= '0' && letter <= '9') || (lower(letter) >= 'a' && lower(letter) <= 'z') ||
               marks.find(letter) != std::string_view::npos;
    };
    return !name.empty() && std::ranges::all_of(name, may_stand);
}

bool is_longer_than(std::string_view name, std::string_view word) {
    return name.size() > word.size() && same_word(name.substr(0, word.size()), word);
}

}  // namespace

bool is_ambiguous_name(std::string_view name) {
    return !is_token(name) || is_longer_than(name, "Content-Length") ||
           is_longer_than(name, "Transfer-Encoding");
}

std::optional<Problem> check_head(const Head& head) {
    if (head.is_ambiguous || head.hosts > 1) {
        return Problem{400, "malformed_head",
                       "a header has a name that is none or is folded, or there are two of Host"};
    }
    if (head.fields <= head_fields_max &&
        head.bytes + head.fields * field_bytes <= head_bytes_max) {
        return std::nullopt;
    }
    return Problem{431, "headers_too_large",
                   fmt::format("at most {} headers and query options, and at most {} bytes of "
                               "them, counting {} more for each",
                               head_fields_max, head_bytes_max, field_bytes)};
}

Answered<Length> announced_length(const Head& head) {
    if (head.transfer_encodings > 0) {
        if (head.content_lengths > 0) {
            return refuse(400, "malformed_length",
                          "both Content-Length and Transfer-Encoding: send one of them");
        }
        if (head.transfer_encodings > 1 || !same_word(trimmed(head.transfer_encoding), "chunked")) {
            return refuse(400, "malformed_length", "the only Transfer-Encoding here is chunked");
        }
        return Length{true, std::nullopt};
    }
    if (head.content_lengths == 0) {
        return Length{};
    }
    const auto bytes = whole_number(head.content_length);
    if (head.content_lengths > 1 || !bytes) {
        return refuse(400, "malformed_length", "Content-Length must be one whole number");
    }
    return Length{*bytes > 0, bytes};
}

Answered<Length> expected_length(const Head& head, std::uint64_t bytes_max) {
    Answered<Length> length = announced_length(head);
    if (!length) {
        return length;
    }
    if (!length->has_body && !length->bytes) {
        return refuse(411, "length_required", "send the body with a Content-Length or in chunks");
    }
    if (length->bytes && *length->bytes > bytes_max) {
        return refuse(
            413, "too_large",
            fmt::format("the body has {} bytes; at most {} are taken", *length->bytes, bytes_max));
    }
    const std::string_view coding = trimmed(head.content_encoding);
    if (!coding.empty() && !same_word(coding, "identity")) {
        return refuse(415, "unsupported_media_type",
                      "compressed bodies are not taken: send it without Content-Encoding");
    }
    return length;
}

bool is_json(std::string_view content_type) {
    constexpr std::string_view suffix = "+json";
    const std::string_view type = media_type(content_type);
    return same_word(type, "application/json") ||
           (type.size() > suffix.size() &&
            same_word(type.substr(type.size() - suffix.size()), suffix));
}

bool is_form(std::string_view content_type) {
    return same_word(media_type(content_type), "multipart/form-data");
}

std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
    std::optional<std::string> found;
    std::size_t at = header.find(';');
    while (at < header.size()) {
        // Empty ones are allowed (RFC 9110, section 5.6.6): a semicolon may end the list.
        const std::size_t begin = header.find_first_not_of("; \t", at);
        if (begin == std::string_view::npos) {
            return found;
        }
        const std::size_t equals = header.find('=', begin);
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const bool wanted = same_word(trimmed(header.substr(begin, equals - begin)), name);
        at = equals + 1;
        std::string value;
        if (!read_value(header, at, value)) {
            // Browsers send a backslash in a file name as it is, so its quotes may seem not to
            // close. It comes last, and nobody looks at it.
            return wanted ? std::nullopt : found;
        }
        if (wanted && found) {
            return std::nullopt;
        }
        if (wanted) {
            found = std::move(value);
        }
    }
    return found;
}

std::optional<std::string> form_boundary(std::string_view content_type) {
    std::optional<std::string> boundary = header_parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > boundary_max ||
        boundary->ends_with(' ') || !std::ranges::all_of(*boundary, is_boundary_character)) {
        return std::nullopt;
    }
    return boundary;
}

}  // namespace penstock::gateway
