#include "producer/gateway/core/access_line.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "common/protocol/value.hpp"

namespace penstock::gateway {
namespace {

// "2026-01-31T12:00:00.123Z"
std::string utc_text(std::int64_t unix_ms) {
    const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), unix_ms % 1000);
}

}  // namespace

std::string access_line(const Access& access) {
    constexpr std::size_t path_max = 256;
    Value line = {
        {"time", utc_text(access.unix_ms)},
        {"remote", access.remote},
        {"method", access.method},
        {"path", access.target.substr(0, std::min(access.target.find('?'), path_max))},
        {"status", access.status},
        {"bytes_in", access.received_bytes},
        {"bytes_out", access.sent_bytes},
        {"ms", static_cast<double>(access.took.count()) / 1000.0},
    };
    if (!access.code.empty()) {
        line["code"] = access.code;
    }
    if (!access.task.empty()) {
        line["task"] = access.task;
    }
    return json_from_value(line);
}

}  // namespace penstock::gateway
