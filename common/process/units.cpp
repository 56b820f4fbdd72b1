#include "common/process/units.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <span>
#include <utility>

namespace penstock::process {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array duration_units{
    Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};
constexpr std::uint64_t duration_max_ms = 100ULL * 366 * 86'400'000;

constexpr std::array size_units{
    Unit{"B", 1},
    Unit{"KiB", 1ULL << 10U},
    Unit{"MiB", 1ULL << 20U},
    Unit{"GiB", 1ULL << 30U},
    Unit{"TiB", 1ULL << 40U},
};
constexpr std::uint64_t size_max_bytes = (1ULL << 63U) - 1;

// The number times its unit; nothing if the text has another form or the value passes `most`.
std::optional<std::uint64_t> scaled(std::string_view text, std::span<const Unit> units,
                                    std::uint64_t most) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view unit_name(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& unit : units) {
        if (unit.name == unit_name) {
            return number > most / unit.factor ? std::nullopt : std::optional(number * unit.factor);
        }
    }
    return std::nullopt;
}

std::string with_largest_unit(std::uint64_t amount, std::span<const Unit> units) {
    const Unit* best = &units.front();
    for (const Unit& unit : units) {
        if (amount != 0 && amount % unit.factor == 0) {
            best = &unit;
        }
    }
    return std::to_string(amount / best->factor).append(best->name);
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto amount = text == "0" ? 0 : scaled(text, duration_units, duration_max_ms);
    if (!amount) {
        return fail(ErrorCode::malformed,
                    "'" + std::string(text) +
                        "' is not a duration: write a whole number and a unit of ms, s, m, h or "
                        "d, such as 250ms or 30s");
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(*amount));
}

std::string duration_text(std::chrono::milliseconds duration) {
    return with_largest_unit(static_cast<std::uint64_t>(duration.count()), duration_units);
}

Result<std::uint64_t> parse_size(std::string_view text) {
    const std::string_view last = text.empty() ? text : text.substr(text.size() - 1);
    const bool plain = !last.empty() && last.front() >= '0' && last.front() <= '9';
    const auto amount =
        scaled(plain ? std::string(text) + "B" : std::string(text), size_units, size_max_bytes);
    if (!amount) {
        return fail(ErrorCode::malformed,
                    "'" + std::string(text) +
                        "' is not a size: write bytes or a whole number and a unit of KiB, MiB, "
                        "GiB or TiB, such as 64KiB or 1GiB");
    }
    return *amount;
}

std::string size_text(std::uint64_t bytes) {
    return with_largest_unit(bytes, size_units);
}

Result<std::int64_t> parse_time(std::string_view text) {
    const std::string copy(text);
    std::tm parts{};
    const char* const end = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S%z", &parts);
    if (end != nullptr && *end == '\0') {
        const std::tm asked = parts;
        const std::time_t local = ::timegm(&parts);
        // A day that the month does not have has become one of the next.
        if (parts.tm_mday == asked.tm_mday && local - asked.tm_gmtoff >= 0) {
            return std::int64_t{local - asked.tm_gmtoff} * 1000;
        }
    }
    return fail(ErrorCode::malformed, "'" + copy +
                                          "' is no time such as 2030-12-24T18:00:00Z or "
                                          "2030-12-24T19:00:00+01:00");
}

}  // namespace penstock::process
