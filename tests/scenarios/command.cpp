#include "tests/scenarios/command.hpp"

#include <charconv>
#include <sstream>
#include <stdexcept>

namespace penstock::scenarios {
namespace {

std::uint64_t parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::runtime_error("not a number: " + std::string(text));
    }
    return number;
}

}  // namespace

const std::string& Command::word(std::size_t position) const {
    if (position >= words.size()) {
        throw std::runtime_error(verb + " wants more words");
    }
    return words[position];
}

std::string Command::option(const std::string& name, std::string_view otherwise) const {
    const auto found = options.find(name);
    return found == options.end() ? std::string(otherwise) : found->second;
}

Command parse_command(std::string_view line) {
    Command command;
    std::istringstream words{std::string(line)};
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        if (word.ends_with(':')) {
            command.kind = command.verb;
            command.verb.clear();
            command.speaker = word.substr(0, word.size() - 1);
        } else if (equals != std::string::npos) {
            command.options[word.substr(0, equals)] = word.substr(equals + 1);
        } else if (command.verb.empty()) {
            command.verb = word;
        } else {
            command.words.push_back(word);
        }
    }
    return command;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::istringstream input{std::string(text)};
    for (std::string part; std::getline(input, part, separator);) {
        parts.push_back(part);
    }
    return parts;
}

std::vector<std::uint64_t> parse_numbers(std::string_view text) {
    std::vector<std::uint64_t> numbers;
    for (const std::string& part : split(text, ',')) {
        const auto dash = part.find('-');
        const std::uint64_t first = parse_number(std::string_view(part).substr(0, dash));
        const std::uint64_t last = dash == std::string::npos
                                       ? first
                                       : parse_number(std::string_view(part).substr(dash + 1));
        for (std::uint64_t number = first; number <= last; ++number) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::vector<LeaseName> parse_leases(std::string_view text) {
    std::vector<LeaseName> names;
    for (const std::string& part : split(text, ',')) {
        const std::vector<std::string> halves = split(part, '#');
        for (const std::uint64_t task : parse_numbers(halves.at(0))) {
            LeaseName name{task, std::nullopt};
            if (halves.size() == 2) {
                name.attempt = static_cast<std::uint32_t>(parse_number(halves[1]));
            }
            names.push_back(name);
        }
    }
    return names;
}

std::chrono::nanoseconds parse_duration(std::string_view text) {
    const auto unit_at = text.find_first_not_of("0123456789");
    const std::string_view unit = unit_at == std::string_view::npos ? "" : text.substr(unit_at);
    const auto count = static_cast<std::int64_t>(parse_number(text.substr(0, unit_at)));
    if (unit == "us") {
        return std::chrono::microseconds(count);
    }
    if (unit == "ms") {
        return std::chrono::milliseconds(count);
    }
    if (unit == "s") {
        return std::chrono::seconds(count);
    }
    if (unit == "h") {
        return std::chrono::hours(count);
    }
    throw std::runtime_error("not a duration: " + std::string(text));
}

}  // namespace penstock::scenarios
