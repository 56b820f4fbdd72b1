#include "worker/handlers/image/format.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "common/model/assert.hpp"

namespace penstock::worker::image {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view jpeg_magic = "\xff\xd8\xff"sv;
constexpr std::string_view png_magic = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view riff_magic = "RIFF"sv;
constexpr std::string_view webp_magic = "WEBP"sv;
constexpr std::size_t webp_magic_offset = 8;  // after "RIFF" and a length

// The first bytes as a person would want to see them: text where it is text, else numbers.
std::string first_bytes(std::string_view file) {
    constexpr std::size_t shown = 12;
    const std::string_view start = file.substr(0, shown);
    const auto is_text = [](char letter) { return letter >= ' ' && letter <= '~'; };
    if (std::ranges::all_of(start, is_text)) {
        return "'" + std::string(start) + "'";
    }
    std::string text;
    for (const char letter : start) {
        std::array<char, 4> digits{};
        static_cast<void>(std::snprintf(digits.data(), digits.size(), "%s%02x",
                                        text.empty() ? "" : " ",
                                        static_cast<unsigned>(static_cast<unsigned char>(letter))));
        text += digits.data();
    }
    return "bytes " + text;
}

}  // namespace

std::string_view name(Format format) {
    switch (format) {
        case Format::jpeg: return "jpeg";
        case Format::png: return "png";
        case Format::webp: return "webp";
    }
    PENSTOCK_ASSERT(false);
    return {};
}

Result<Format> sniff(ByteView file) {
    const std::string_view text = as_text(file);
    if (text.starts_with(jpeg_magic)) {
        return Format::jpeg;
    }
    if (text.starts_with(png_magic)) {
        return Format::png;
    }
    if (text.starts_with(riff_magic) && text.size() > webp_magic_offset &&
        text.substr(webp_magic_offset).starts_with(webp_magic)) {
        return Format::webp;
    }
    if (text.empty()) {
        return fail(ErrorCode::rejected, "no image: send a JPEG, PNG or WebP file as the payload");
    }
    return fail(ErrorCode::rejected,
                "not a JPEG, PNG or WebP image: it starts with " + first_bytes(text));
}

}  // namespace penstock::worker::image
