#include "producer/cli/base64.hpp"

#include <cstdint>
#include <string_view>

namespace penstock::cli {

std::string base64(ByteView bytes) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t n = 0; n < 3; ++n) {
            group = group << 8U |
                    (at + n < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at + n]) : 0U);
        }
        for (std::size_t n = 0; n < 4; ++n) {
            const bool beyond = at + n > bytes.size();
            text += beyond ? '=' : digits[group >> (18 - 6 * n) & 0x3FU];
        }
    }
    return text;
}

}  // namespace penstock::cli
