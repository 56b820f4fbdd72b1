#include "common/telemetry/log.hpp"

#include <array>
#include <memory>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <string>
#include <utility>

namespace penstock::telemetry {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 4> levels{{
    {"debug", Level::debug},
    {"info", Level::info},
    {"warning", Level::warning},
    {"error", Level::error},
}};

spdlog::level::level_enum translate(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warning: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

// A fact is one line, whatever a peer put into a name.
std::string one_line(std::string_view line) {
    std::string clean(line);
    for (char& letter : clean) {
        if (static_cast<unsigned char>(letter) < 0x20U || letter == 0x7F) {
            letter = ' ';
        }
    }
    return clean;
}

}  // namespace

void start_log(std::string_view program, Level lowest, Colors colors) {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    if (colors == Colors::always) {
        sink->set_color_mode(spdlog::color_mode::always);
    }
    auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%-7l%$ %n: %v");
    logger->set_level(translate(lowest));
    spdlog::set_default_logger(std::move(logger));
}

bool parse_level(std::string_view text, Level& level) {
    for (const auto& [name, value] : levels) {
        if (name == text) {
            level = value;
            return true;
        }
    }
    return false;
}

void write_log(Level level, std::string_view line) {
    spdlog::default_logger_raw()->log(translate(level), one_line(line));
}

}  // namespace penstock::telemetry
