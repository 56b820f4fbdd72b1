#include "common/model/ids.hpp"

namespace penstock {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
// Where the text form has a dash after this many bytes.
constexpr bool dash_before(std::size_t index) {
    return index == 4 || index == 6 || index == 8 || index == 10;
}

std::string bytes_to_text(const std::array<std::uint8_t, 16>& bytes) {
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dash_before(i)) {
            text += '-';
        }
        text += hex_digits[bytes[i] >> 4U];
        text += hex_digits[bytes[i] & 0x0FU];
    }
    return text;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

TaskId make_task_id(std::int64_t unix_ms, std::uint64_t random_a, std::uint64_t random_b) {
    TaskId id;
    const auto time = static_cast<std::uint64_t>(unix_ms);
    for (std::size_t i = 0; i < 6; ++i) {
        id.bytes[i] = static_cast<std::uint8_t>(time >> (40U - 8U * i));
    }
    id.bytes[6] = static_cast<std::uint8_t>(0x70U | ((random_a >> 8U) & 0x0FU));
    id.bytes[7] = static_cast<std::uint8_t>(random_a);
    for (std::size_t i = 0; i < 8; ++i) {
        id.bytes[8 + i] = static_cast<std::uint8_t>(random_b >> (8U * i));
    }
    id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3FU));
    return id;
}

bool is_dated(const TaskId& id) {
    constexpr unsigned version = 7;
    constexpr unsigned variant = 2;
    // Of random bytes, one in 64 looks like it; hardly any has such a date, too.
    constexpr std::int64_t year_2020_ms = 1'577'836'800'000;
    constexpr std::int64_t year_2120_ms = 4'733'510'400'000;
    const std::int64_t date = created_unix_ms(id);
    return id.bytes[6] >> 4U == version && id.bytes[8] >> 6U == variant && date >= year_2020_ms &&
           date < year_2120_ms;
}

std::int64_t created_unix_ms(const TaskId& id) {
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        time = (time << 8U) | id.bytes[i];
    }
    return static_cast<std::int64_t>(time);
}

std::string to_text(const TaskId& id) {
    return bytes_to_text(id.bytes);
}

std::string to_text(const WorkerId& id) {
    return bytes_to_text(id.bytes);
}

Result<TaskId> parse_task_id(std::string_view text) {
    const auto refuse = [&] {
        return fail(ErrorCode::malformed, "'" + std::string(text.substr(0, 64)) +
                                              "' is not a task id; expected a UUID such as "
                                              "01890a5d-ac96-774b-bcce-b302099a8057");
    };
    if (text.size() != 36) {
        return refuse();
    }
    TaskId id;
    std::size_t at = 0;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (dash_before(i)) {
            if (text[at] != '-') {
                return refuse();
            }
            ++at;
        }
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) {
            return refuse();
        }
        id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
        at += 2;
    }
    return id;
}

}  // namespace penstock
