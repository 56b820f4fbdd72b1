#include "producer/gateway/core/upload_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>

#include "common/protocol/value.hpp"

namespace penstock::gateway {
namespace {

constexpr int side_max = 16'384;
constexpr int quality_max = 100;
constexpr std::array<std::string_view, 5> fits{"inside", "outside", "contain", "cover", "fill"};

using Mistake = std::optional<std::string>;

Mistake read_number(std::string_view text, int max, std::optional<int>& number) {
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data(), end, value);
    if (problem != std::errc{} || stopped != end || value < 1 || value > max) {
        return fmt::format("allowed are whole numbers from 1 to {}", max);
    }
    number = value;
    return std::nullopt;
}

// A flag without a value is on.
Mistake read_flag(std::string_view text, bool& flag) {
    if (text == "1" || text == "true" || text.empty()) {
        flag = true;
        return std::nullopt;
    }
    flag = false;
    return text == "0" || text == "false" ? std::nullopt : Mistake("allowed are true and false");
}

Mistake read_fit(std::string_view text, std::string& fit) {
    if (std::ranges::find(fits, text) == fits.end()) {
        return fmt::format("allowed are {}", fmt::join(fits, ", "));
    }
    fit = std::string(text);
    return std::nullopt;
}

Mistake read_format(std::string_view text, std::optional<Picture>& format) {
    format = picture_from_word(text);
    return format ? std::nullopt : Mistake("allowed are jpeg, png and webp");
}

Mistake read_one(std::string_view name, std::string_view value, UploadOptions& options) {
    if (name == "width") {
        return read_number(value, side_max, options.width);
    }
    if (name == "height") {
        return read_number(value, side_max, options.height);
    }
    if (name == "quality") {
        return read_number(value, quality_max, options.quality);
    }
    if (name == "fit") {
        return read_fit(value, options.fit);
    }
    if (name == "format") {
        return read_format(value, options.format);
    }
    if (name == "enlarge") {
        return read_flag(value, options.enlarge);
    }
    if (name == "download") {
        return read_flag(value, options.download);
    }
    return "there is no such option; there are width, height, fit, quality, format, enlarge and "
           "download";
}

}  // namespace

Answered<UploadOptions> read_upload_options(const Target& target) {
    UploadOptions options;
    std::set<std::string_view> seen;
    for (const auto& [name, value] : target.query) {
        Mistake mistake = read_one(name, value, options);
        if (!mistake && !seen.insert(name).second) {
            mistake = "it is given twice";
        }
        if (mistake) {
            constexpr std::size_t shown = 32;
            return refuse(400, "invalid_option",
                          fmt::format("{}: {}", std::string_view(name).substr(0, shown), *mistake));
        }
    }
    return options;
}

SharedBytes resize_args(const UploadOptions& options, Picture format) {
    Value args = {{"format", word(format)}};
    const auto put = [&args](const char* field, const std::optional<int>& number) {
        if (number) {
            args[field] = *number;
        }
    };
    put("width", options.width);
    put("height", options.height);
    put("quality", options.quality);
    if (!options.fit.empty()) {
        args["fit"] = options.fit;
    }
    if (options.enlarge) {
        args["enlarge"] = true;
    }
    return msgpack_from_value(args);
}

}  // namespace penstock::gateway
