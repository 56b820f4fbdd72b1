// Durations, times and sizes as people write them.
//
// Thread rule: free functions over values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/model/result.hpp"

namespace penstock::process {

// "250ms", "30s", "10m", "2h", "1d": a whole number and a unit; "0" needs none.
// Errors: malformed, naming the forms; also for more than 100 years.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest of those forms that is exact.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

// "2030-12-24T18:00:00Z" or "2030-12-24T19:00:00+01:00" (RFC 3339, whole seconds) as Unix
// milliseconds. Errors: malformed, naming the form; also before 1970 and after 9999.
[[nodiscard]] Result<std::int64_t> parse_time(std::string_view text);

// "64KiB", "32MiB", "1GiB", "1TiB", or plain bytes ("4096", "4096B").
// Errors: malformed, naming the forms; also when it does not fit into 63 bits.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace penstock::process
