#include "common/process/roff.hpp"

#include <array>
#include <cstdio>
#include <sstream>

namespace penstock::process {
namespace {

struct Letter {
    char32_t code = U'?';
    std::size_t bytes = 1;
};

// How many bytes a letter has that begins with this one; 0 if none does.
std::size_t letter_bytes(unsigned char lead) {
    const bool can_lead = lead < 0x80 || (lead >= 0xC0 && lead < 0xF8);
    return !can_lead ? 0 : lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// The first letter of UTF-8 text. What is none, counts as a question mark of one byte.
Letter first_letter(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t bytes = letter_bytes(lead);
    if (bytes == 0 || bytes > text.size()) {
        return {};
    }
    char32_t code = bytes == 1 ? lead : lead & (0x7FU >> bytes);
    for (const char next : text.substr(1, bytes - 1)) {
        const auto byte = static_cast<unsigned char>(next);
        if ((byte & 0xC0U) != 0x80U) {
            return {};
        }
        code = code << 6U | (byte & 0x3FU);
    }
    return code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? Letter{} : Letter{code, bytes};
}

// groff's name of a letter that is not ASCII: four digits, or more if it needs them.
std::string unicode_escape(char32_t code) {
    std::array<char, 16> text{};
    const int bytes =
        std::snprintf(text.data(), text.size(), "\\[u%04X]", static_cast<unsigned>(code));
    return {text.data(), static_cast<std::size_t>(bytes)};
}

// As roff writes a letter that it would otherwise take for a command, or replace by a finer one.
std::string escaped(char32_t code) {
    switch (code) {
        case U'\\': return "\\(rs";
        case U'-': return "\\-";
        case U'\'': return "\\(aq";
        case U'"': return "\\(dq";
        case U'`': return "\\(ga";
        case U'^': return "\\(ha";
        case U'~': return "\\(ti";
        case U'\n': return " ";
        default: break;
    }
    return code < 0x80 ? std::string(1, static_cast<char>(code)) : unicode_escape(code);
}

std::string in_font(char font, std::string_view text) {
    return text.empty() ? std::string() : std::string("\\f") + font + roff_text(text) + "\\fR";
}

}  // namespace

std::string roff_text(std::string_view text) {
    // Nothing wide in front of a dot keeps it from being a command.
    std::string result = text.starts_with('.') ? "\\&" : "";
    while (!text.empty()) {
        const Letter letter = first_letter(text);
        result += escaped(letter.code);
        text.remove_prefix(letter.bytes);
    }
    return result;
}

std::string roff_bold(std::string_view text) {
    return in_font('B', text);
}

std::string roff_italic(std::string_view text) {
    return in_font('I', text);
}

std::string roff_literal(const std::string& lines) {
    std::string result = ".RS 4\n.EX\n";
    std::istringstream input(lines);
    for (std::string line; std::getline(input, line);) {
        result += roff_text(line) + "\n";
    }
    return result + ".EE\n.RE\n";
}

}  // namespace penstock::process
