#include "producer/cli/doctor/grace.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <sstream>
#include <utility>
#include <vector>

#include "common/process/host_files.hpp"
#include "common/process/units.hpp"
#include "producer/cli/child_settings.hpp"

namespace penstock::cli::doctor {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// For saying goodbye, as `penstock up` and the units that come with Penstock have it.
constexpr milliseconds beyond_drain{5'000};
// systemd's DefaultTimeoutStopSec.
constexpr milliseconds default_stop{90'000};

// Where systemd looks for units, the first one wins.
constexpr std::array unit_folders{"etc/systemd/system", "run/systemd/system",
                                  "usr/local/lib/systemd/system", "usr/lib/systemd/system",
                                  "lib/systemd/system"};

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \t\r\"'") + 1);
    text.erase(0, text.find_first_not_of(" \t\"'"));
    return text;
}

// Pairs of key and value, from lines "Key=value".
using Lines = std::vector<std::pair<std::string, std::string>>;
void add_lines(Lines& lines, const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        const auto equals = line.find('=');
        if (equals != std::string::npos && !line.starts_with('#')) {
            lines.emplace_back(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
        }
    }
}

std::optional<std::string> last_value(const Lines& lines, std::string_view key) {
    const auto found = std::find_if(lines.rbegin(), lines.rend(),
                                    [&](const auto& line) { return line.first == key; });
    return found == lines.rend() ? std::nullopt : std::optional(found->second);
}

struct Unit {
    std::string path;
    Lines lines;
};

std::optional<Unit> read_unit(const fs::path& root, const std::string& name) {
    std::optional<Unit> unit;
    for (const char* const folder : unit_folders) {
        const fs::path path = root / folder / name;
        const auto text = process::read_host_file(path);
        if (text && !unit) {
            unit = Unit{path.string(), {}};
            add_lines(unit->lines, *text);
        }
    }
    for (const char* const folder : unit_folders) {
        std::error_code error;
        for (fs::directory_iterator entry(root / folder / (name + ".d"), error), end;
             unit && !error && entry != end; entry.increment(error)) {
            if (entry->path().extension() == ".conf") {
                add_lines(unit->lines, process::read_host_file(entry->path()).value_or(""));
            }
        }
    }
    return unit;
}

// "PENSTOCK_WORKER_DRAIN_TIMEOUT" of "penstock-worker".
std::string drain_variable(const std::string& program) {
    std::string name = program + "_DRAIN_TIMEOUT";
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return c == '-' ? '_' : static_cast<char>(std::toupper(c));
    });
    return name;
}

// A flag of its command line, or a variable of its environment, in this order.
std::optional<milliseconds> drain_of(const fs::path& root, const std::string& program,
                                     const Lines& unit) {
    Lines environment;
    if (const auto file = last_value(unit, "EnvironmentFile")) {
        const fs::path path = file->starts_with('-') ? file->substr(1) : *file;
        add_lines(environment, process::read_host_file(root / path.relative_path()).value_or(""));
    }
    for (const auto& [key, value] : unit) {
        if (key == "Environment") {
            add_lines(environment, value);
        }
    }
    std::string text = last_value(environment, drain_variable(program)).value_or("");
    std::istringstream words(last_value(unit, "ExecStart").value_or(""));
    constexpr std::string_view flag = "--drain-timeout";
    for (std::string word; words >> word;) {
        if (word == flag) {
            words >> text;
        } else if (word.starts_with(flag)) {
            text = word.substr(flag.size() + 1);
        }
    }
    const Result<milliseconds> drain = process::parse_duration(text);
    return drain ? std::optional(*drain) : std::nullopt;
}

Finding judge_pod(const std::string& program, milliseconds drain) {
    return {fmt::format("stop of {}", program), Verdict::skipped,
            "the pod's terminationGracePeriodSeconds cannot be seen from inside",
            fmt::format("it must be at least {}; without one it is 30s",
                        process::duration_text(drain + beyond_drain))};
}

}  // namespace

Finding judge_grace(const Grace& grace) {
    const std::string given = grace.stop ? process::duration_text(*grace.stop) : "for ever";
    Finding finding{fmt::format("stop of {}", grace.program), Verdict::ok,
                    fmt::format("drains for {}, is killed after {} ({})",
                                process::duration_text(grace.drain), given, grace.source)};
    if (grace.stop && *grace.stop < grace.drain + beyond_drain) {
        finding.verdict = *grace.stop < grace.drain ? Verdict::fail : Verdict::warn;
        finding.advice = fmt::format(
            "what runs at a stop would be killed: give it TimeoutStopSec={} or a shorter "
            "--drain-timeout",
            std::chrono::ceil<std::chrono::seconds>(grace.drain + beyond_drain).count());
    }
    return finding;
}

std::optional<milliseconds> parse_time_span(std::string_view text) {
    // From systemd.time(7), what people write for a stop.
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 12> units{{{"", 1'000},
                                                                               {"ms", 1},
                                                                               {"msec", 1},
                                                                               {"s", 1'000},
                                                                               {"sec", 1'000},
                                                                               {"second", 1'000},
                                                                               {"seconds", 1'000},
                                                                               {"m", 60'000},
                                                                               {"min", 60'000},
                                                                               {"minute", 60'000},
                                                                               {"minutes", 60'000},
                                                                               {"h", 3'600'000}}};
    milliseconds sum{0};
    while (!text.empty()) {
        std::int64_t count = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
        if (read.ec != std::errc{}) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
        const std::string_view word =
            text.substr(0, std::min(text.find_first_of(" 0123456789"), text.size()));
        const auto unit = std::ranges::find(units, word, &decltype(units)::value_type::first);
        if (unit == units.end()) {
            return std::nullopt;
        }
        sum += milliseconds(count * unit->second);
        text.remove_prefix(word.size());
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    }
    return sum;
}

std::optional<Grace> grace_of_unit(const fs::path& root, const std::string& program,
                                   milliseconds drain) {
    const std::optional<Unit> unit = read_unit(root, program + ".service");
    if (!unit) {
        return std::nullopt;
    }
    Grace grace{program, drain_of(root, program, unit->lines).value_or(drain), default_stop,
                unit->path};
    auto stop = last_value(unit->lines, "TimeoutStopSec");
    if (!stop) {
        stop = last_value(unit->lines, "TimeoutSec");
    }
    if (stop) {
        grace.stop = parse_time_span(*stop);
    }
    return grace;
}

Findings check_graces(const std::string& config) {
    ChildSettings settings;
    if (read_child_settings(config, settings)) {
        return {{"stop", Verdict::fail, "the settings of worker or gateway are refused",
                 "see above what they say of them"}};
    }
    // Read before any thread starts.
    const bool is_pod = std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;  // NOLINT
    Findings findings;
    for (const auto& [program, drain] :
         {std::pair{"penstock-worker", settings.drain_timeout},
          std::pair{"penstock-gateway", settings.gateway_drain_timeout}}) {
        if (is_pod) {
            findings.push_back(judge_pod(program, drain));
        } else if (const auto grace = grace_of_unit("/", program, drain)) {
            findings.push_back(judge_grace(*grace));
        } else {
            // `penstock up` waits 5 s longer than the drain that it tells them.
            findings.push_back(
                {fmt::format("stop of {}", program), Verdict::skipped,
                 fmt::format("no unit of systemd; drains for {}", process::duration_text(drain)),
                 ""});
        }
    }
    return findings;
}

}  // namespace penstock::cli::doctor
