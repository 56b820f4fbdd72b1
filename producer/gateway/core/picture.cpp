#include "producer/gateway/core/picture.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "common/model/assert.hpp"
#include "producer/gateway/core/head.hpp"

namespace penstock::gateway {

using namespace std::string_view_literals;

std::optional<Picture> sniff_picture(ByteView head) {
    const std::string_view text = as_text(head);
    if (text.starts_with("\xff\xd8\xff"sv)) {
        return Picture::jpeg;
    }
    if (text.starts_with("\x89PNG\r\n\x1a\n"sv)) {
        return Picture::png;
    }
    constexpr std::size_t webp_offset = 8;  // after "RIFF" and a length
    if (text.starts_with("RIFF"sv) && text.size() >= picture_head_bytes &&
        text.substr(webp_offset).starts_with("WEBP"sv)) {
        return Picture::webp;
    }
    return std::nullopt;
}

std::string_view word(Picture picture) {
    switch (picture) {
        case Picture::jpeg: return "jpeg";
        case Picture::png: return "png";
        case Picture::webp: return "webp";
    }
    PENSTOCK_ASSERT(false);
    return {};
}

std::string_view media_type(Picture picture) {
    switch (picture) {
        case Picture::jpeg: return "image/jpeg";
        case Picture::png: return "image/png";
        case Picture::webp: return "image/webp";
    }
    PENSTOCK_ASSERT(false);
    return {};
}

std::string_view extension(Picture picture) {
    switch (picture) {
        case Picture::jpeg: return ".jpg";
        case Picture::png: return ".png";
        case Picture::webp: return ".webp";
    }
    PENSTOCK_ASSERT(false);
    return {};
}

std::optional<Picture> picture_from_word(std::string_view text) {
    for (const Picture picture : {Picture::jpeg, Picture::png, Picture::webp}) {
        if (text == word(picture)) {
            return picture;
        }
    }
    return text == "jpg" ? std::optional(Picture::jpeg) : std::nullopt;
}

std::string result_name(const TaskId& task, Picture picture) {
    return fmt::format("output-{}{}", to_text(task), extension(picture));
}

std::string entity_tag(ByteView bytes) {
    // FNV-1a, twice with different seeds: 128 bits against chance. Nobody gains by a collision,
    // which would only leave one caller with a picture that it made itself.
    constexpr std::uint64_t prime = 0x100000001b3ULL;
    std::uint64_t one = 0xcbf29ce484222325ULL;
    std::uint64_t other = 0x6c62272e07bb0142ULL;
    for (const std::byte byte : bytes) {
        const auto value = std::to_integer<std::uint64_t>(byte);
        one = (one ^ value) * prime;
        other = (other ^ (value + 1)) * prime;
    }
    return fmt::format("\"{:016x}{:016x}\"", one, other);
}

bool matches_tag(std::string_view if_none_match, std::string_view tag) {
    while (!if_none_match.empty()) {
        const std::string_view item = if_none_match.substr(0, if_none_match.find(','));
        if_none_match.remove_prefix(std::min(if_none_match.size(), item.size() + 1));
        std::string_view candidate = trimmed(item);
        if (candidate.starts_with("W/")) {
            candidate.remove_prefix(2);
        }
        if (candidate == tag || candidate == "*") {
            return true;
        }
    }
    return false;
}

}  // namespace penstock::gateway
