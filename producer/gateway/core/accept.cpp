#include "producer/gateway/core/accept.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "producer/gateway/core/head.hpp"

namespace penstock::gateway {
namespace {

constexpr int permille_full = 1000;

// Cuts the next piece off the front.
std::string_view next_piece(std::string_view& text, char separator) {
    const std::string_view piece = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    return trimmed(piece);
}

// "0.8" as 800; nothing if it is no such number from 0 to 1.
std::optional<int> permille_from(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return std::nullopt;
    }
    int value = (text[0] - '0') * permille_full;
    int weight = 100;
    for (const char letter : text.substr(std::min<std::size_t>(text.size(), 2))) {
        if (letter < '0' || letter > '9') {
            return std::nullopt;
        }
        value += (letter - '0') * weight;
        weight /= 10;
    }
    return value > permille_full ? std::nullopt : std::optional(value);
}

// How closely a range of Accept names the type; nothing if it does not.
std::optional<int> closeness(std::string_view range, std::string_view media_type) {
    if (same_word(range, media_type)) {
        return 2;
    }
    if (range == "*/*") {
        return 0;
    }
    const std::size_t slash = media_type.find('/') + 1;
    const bool family = range.size() == slash + 1 && range.ends_with('*') &&
                        same_word(range.substr(0, slash), media_type.substr(0, slash));
    return family ? std::optional(1) : std::nullopt;
}

}  // namespace

Suitability suitability(std::string_view accept, std::string_view media_type) {
    if (trimmed(accept).empty()) {
        return {permille_full, 0};
    }
    std::optional<Suitability> best;
    while (!accept.empty()) {
        std::string_view item = next_piece(accept, ',');
        const std::optional<int> specificity = closeness(next_piece(item, ';'), media_type);
        std::optional<int> permille = permille_full;
        while (!item.empty()) {
            const std::string_view parameter = next_piece(item, ';');
            if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
                permille = permille_from(parameter.substr(2));
            }
        }
        if (specificity && permille && (!best || *specificity > best->specificity)) {
            best = Suitability{*permille, *specificity};
        }
    }
    return best.value_or(Suitability{});
}

Answered<Wanted> negotiate(std::string_view accept, std::optional<Picture> format, bool download) {
    constexpr std::array all{Picture::jpeg, Picture::png, Picture::webp};
    Wanted wanted{download, format.value_or(Picture::jpeg)};
    Suitability best = download ? Suitability{} : suitability(accept, "application/json");
    for (const Picture candidate : all) {
        const Suitability suits = suitability(accept, media_type(candidate));
        if ((!format || *format == candidate) && suits.permille > 0 && suits > best) {
            best = suits;
            wanted = {true, candidate};
        }
    }
    if (best.permille == 0 && !download) {
        return refuse(406, "not_acceptable",
                      "there are application/json, image/jpeg, image/png and image/webp, and "
                      "Accept takes none of them");
    }
    return wanted;
}

Patience patience(std::string_view prefer, const Limits& limits) {
    constexpr std::string_view wait = "wait=";
    Patience found{std::min(limits.wait, limits.wait_max)};
    while (!prefer.empty()) {
        std::string_view item = next_piece(prefer, ',');
        const std::string_view preference = next_piece(item, ';');
        if (same_word(preference, "respond-async")) {
            found.asynchronous = true;
        }
        if (found.asked || preference.size() <= wait.size() ||
            !same_word(preference.substr(0, wait.size()), wait)) {
            continue;
        }
        const std::string_view text = preference.substr(wait.size());
        std::uint32_t seconds = 0;
        const char* const end = text.data() + text.size();
        const auto [stopped, problem] = std::from_chars(text.data(), end, seconds);
        if (problem == std::errc{} && stopped == end) {
            found.wait =
                std::min<std::chrono::milliseconds>(std::chrono::seconds(seconds), limits.wait_max);
            found.asked = true;
        }
    }
    return found;
}

}  // namespace penstock::gateway
