// The words of a command line: "w: complete 1-3 run=100us" has the speaker "w", the verb
// "complete", the plain word "1-3" and the option run.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::scenarios {

struct Command {
    std::string kind;     // of a new speaker: client, worker or reporter; else empty
    std::string speaker;  // empty for commands of the stage itself, such as "pass 5s"
    std::string verb;
    std::vector<std::string> words;
    std::map<std::string, std::string> options;

    // The plain word at `position`. Throws std::runtime_error if there is none.
    [[nodiscard]] const std::string& word(std::size_t position) const;
    // The option's text, or `otherwise`.
    [[nodiscard]] std::string option(const std::string& name, std::string_view otherwise) const;
};

// These throw std::runtime_error on what they do not understand.
[[nodiscard]] Command parse_command(std::string_view line);
// "1,4-6" -> 1 4 5 6
[[nodiscard]] std::vector<std::uint64_t> parse_numbers(std::string_view text);
// "3#2" -> task 3, attempt 2; "3" -> task 3, the latest.
struct LeaseName {
    std::uint64_t task = 0;
    std::optional<std::uint32_t> attempt;
};
[[nodiscard]] std::vector<LeaseName> parse_leases(std::string_view text);
// "100us", "20ms", "5s", "2h"
[[nodiscard]] std::chrono::nanoseconds parse_duration(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

}  // namespace penstock::scenarios
