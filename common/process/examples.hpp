// What a help shows below its options: examples, and remarks below those.
//
// Examples have one form everywhere, that of docs/HANDLERS.md; a test runs each of them:
//
//     # why, where the command does not say it
//     $ penstock submit math.double '[1,2,3]' --wait
//     [2,4,6]
//
// A command is followed by what it prints, where "…" stands for anything. Without such lines
// nothing is said about that, but the command succeeds.
//
// Thread rule: used by main() before any thread starts.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace penstock::process {

struct Examples {
    std::string lines;    // in the form above
    std::string remarks;  // prose
};

// Shows them in the help of the app, as "Examples:" and indented. Empty lines at both ends do not
// count, so that a raw string may begin and end with its line breaks. A command's help also says
// that the flags of the program may stand behind it.
// Requires: a command has its parent, and the program its name.
void add_examples(CLI::App& app, const Examples& examples);

// What add_examples() was given. A footer of another form is all remarks.
[[nodiscard]] Examples examples_of(const CLI::App& app);

}  // namespace penstock::process
