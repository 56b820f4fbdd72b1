// A story file: command lines, each followed by what is expected of it, indented. Empty lines and
// lines that begin with '#' are for people.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace penstock::scenarios {

struct Step {
    std::vector<std::string> before;    // lines for people that stand above the command
    std::string command;                // empty at the end of the file
    std::vector<std::string> expected;  // without the indentation
    int line = 0;                       // of the command, from 1
};

struct Story {
    std::vector<Step> steps;
};

[[nodiscard]] Story read_story(std::istream& input);
void write_story(std::ostream& output, const Story& story);

}  // namespace penstock::scenarios
