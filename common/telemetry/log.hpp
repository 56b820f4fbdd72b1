// One structured line per fact, on stderr: time, level, program, message, key=value pairs. The one
// door to spdlog.
//
// Thread rule: every function may be called from any thread.
#pragma once

#include <fmt/format.h>
#include <string_view>

namespace penstock::telemetry {

enum class Level { debug, info, warning, error };

enum class Colors { on_terminals, always };

// Before the first line. `program` starts each line.
void start_log(std::string_view program, Level lowest, Colors colors = Colors::on_terminals);
[[nodiscard]] bool parse_level(std::string_view text, Level& level);

void write_log(Level level, std::string_view line);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    write_log(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    write_log(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    write_log(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    write_log(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace penstock::telemetry
