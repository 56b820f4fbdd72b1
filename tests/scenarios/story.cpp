#include "tests/scenarios/story.hpp"

#include <istream>
#include <ostream>
#include <string_view>
#include <utility>

namespace penstock::scenarios {
namespace {

constexpr std::string_view indentation = "    ";

}  // namespace

Story read_story(std::istream& input) {
    Story story;
    Step step;
    int number = 0;
    for (std::string line; std::getline(input, line);) {
        ++number;
        if (line.starts_with(indentation)) {
            step.expected.push_back(line.substr(indentation.size()));
            continue;
        }
        if (!step.command.empty()) {
            story.steps.push_back(std::exchange(step, {}));
        }
        if (line.empty() || line.starts_with('#')) {
            step.before.push_back(line);
            continue;
        }
        step.command = line;
        step.line = number;
    }
    story.steps.push_back(std::move(step));
    return story;
}

void write_story(std::ostream& output, const Story& story) {
    for (const Step& step : story.steps) {
        for (const std::string& line : step.before) {
            output << line << '\n';
        }
        if (!step.command.empty()) {
            output << step.command << '\n';
        }
        for (const std::string& line : step.expected) {
            output << indentation << line << '\n';
        }
    }
}

}  // namespace penstock::scenarios
