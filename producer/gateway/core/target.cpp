#include "producer/gateway/core/target.hpp"

#include <algorithm>
#include <optional>

#include "producer/gateway/core/limits.hpp"

namespace penstock::gateway {
namespace {

enum class Plus : bool { stays, is_space };

int digit_value(char letter) {
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    if (letter >= 'a' && letter <= 'f') {
        return letter - 'a' + 10;
    }
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

// Nothing if it is not well formed, or holds a zero byte, which ends a text for too many programs.
std::optional<std::string> decode(std::string_view text, Plus plus) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_space) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            const int high = i + 2 < text.size() ? digit_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? digit_value(text[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                return std::nullopt;
            }
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

// "http://host:port/path" is "/path".
std::string_view without_authority(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.starts_with(scheme)) {
            const std::size_t path = text.find_first_of("/?", scheme.size());
            return path == std::string_view::npos ? "/" : text.substr(path);
        }
    }
    return text;
}

tl::unexpected<Problem> not_well_formed() {
    return refuse(400, "malformed_target", "the address has a percent escape that is none");
}

}  // namespace

Answered<Target> parse_target(std::string_view text) {
    text = without_authority(text);
    text = text.substr(0, text.find('#'));
    const std::size_t mark = text.find('?');
    std::optional<std::string> path = decode(text.substr(0, mark), Plus::stays);
    if (!path) {
        return not_well_formed();
    }
    Target target{std::move(*path), {}};
    std::string_view rest = mark == std::string_view::npos ? "" : text.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = pair.find('=');
        auto name = decode(pair.substr(0, equals), Plus::is_space);
        auto value =
            decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), Plus::is_space);
        if (!name || !value) {
            return not_well_formed();
        }
        if (target.query.size() == query_pairs_max) {
            return refuse(400, "malformed_target",
                          "more than " + std::to_string(query_pairs_max) + " query options");
        }
        target.query.emplace_back(std::move(*name), std::move(*value));
    }
    return target;
}

}  // namespace penstock::gateway
