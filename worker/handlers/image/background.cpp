#include "worker/handlers/image/background.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace penstock::worker::image {
namespace {

constexpr double opaque = 255;
constexpr int grey_with_alpha = 2;

std::optional<Background> parsed(std::string_view text) {
    constexpr std::size_t opaque_length = 7;  // "#rrggbb"
    constexpr std::size_t length = 9;         // "#rrggbbaa"
    if ((text.size() != opaque_length && text.size() != length) || text.front() != '#') {
        return std::nullopt;
    }
    std::array<std::uint8_t, 4> levels{0, 0, 0, 255};
    for (std::size_t i = 0; 1 + 2 * i < text.size(); ++i) {
        const std::string_view digits = text.substr(1 + 2 * i, 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), levels[i], 16);
        if (error != std::errc{} || end != digits.data() + digits.size()) {
            return std::nullopt;
        }
    }
    return Background{levels[0], levels[1], levels[2], levels[3]};
}

}  // namespace

Background read_background(Arguments& arguments, std::string_view field) {
    const std::optional<std::string_view> text = arguments.optional_text(field, {0, 32});
    if (!text) {
        return {};
    }
    const std::optional<Background> background = parsed(*text);
    if (!background) {
        arguments.reject(field, text_of(Value(*text)) +
                                    " is no colour; allowed #000000..#ffffff, with two more "
                                    "digits for alpha");
    }
    return background.value_or(Background{});
}

vips::VImage able_to_show(const vips::VImage& picture, Background background) {
    vips::VImage able = picture;
    const bool is_grey = background.red == background.green && background.green == background.blue;
    if (!is_grey && picture.bands() <= grey_with_alpha) {
        able = able.colourspace(VIPS_INTERPRETATION_sRGB);
    }
    if (background.alpha < opaque && !able.has_alpha()) {
        able = able.bandjoin_const({opaque});
    }
    return able;
}

std::vector<double> weighed_levels(Background background, const vips::VImage& picture) {
    std::vector<double> levels{static_cast<double>(background.red)};
    if (picture.bands() > grey_with_alpha) {
        levels.push_back(background.green);
        levels.push_back(background.blue);
    }
    if (picture.has_alpha()) {
        for (double& level : levels) {
            level *= background.alpha / opaque;
        }
        levels.push_back(background.alpha);
    }
    return levels;
}

}  // namespace penstock::worker::image
