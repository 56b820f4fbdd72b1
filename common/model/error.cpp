#include "common/model/error.hpp"

#include <array>
#include <utility>

namespace penstock {
namespace {

constexpr std::array<std::pair<ErrorCode, std::string_view>, 25> names{{
    {ErrorCode::malformed, "malformed"},
    {ErrorCode::version, "version"},
    {ErrorCode::no_session, "no_session"},
    {ErrorCode::too_large, "too_large"},
    {ErrorCode::busy, "busy"},
    {ErrorCode::durability, "durability"},
    {ErrorCode::not_found, "not_found"},
    {ErrorCode::conflict, "conflict"},
    {ErrorCode::rejected, "rejected"},
    {ErrorCode::failed, "failed"},
    {ErrorCode::crashed, "crashed"},
    {ErrorCode::time_limit, "time_limit"},
    {ErrorCode::lost, "lost"},
    {ErrorCode::cancelled, "cancelled"},
    {ErrorCode::no_handler, "no_handler"},
    {ErrorCode::result_expired, "result_expired"},
    {ErrorCode::broker_restarted, "broker_restarted"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::timed_out, "timed_out"},
    {ErrorCode::unsupported, "unsupported"},
    {ErrorCode::stale, "stale"},
    {ErrorCode::internal, "internal"},
    {ErrorCode::insecure, "insecure"},
    {ErrorCode::disk_full, "disk_full"},
    {ErrorCode::expired, "expired"},
}};

}  // namespace

std::string_view name(ErrorCode code) {
    for (const auto& [candidate, text] : names) {
        if (candidate == code) {
            return text;
        }
    }
    return "internal";
}

std::optional<ErrorCode> error_code_from_number(std::uint64_t number) {
    for (const auto& entry : names) {
        if (static_cast<std::uint64_t>(entry.first) == number) {
            return entry.first;
        }
    }
    return std::nullopt;
}

}  // namespace penstock
