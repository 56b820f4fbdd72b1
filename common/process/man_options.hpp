// Options and arguments as a manual page lists and summarises them.
//
// Thread rule: free functions over values.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace penstock::process {

// What the help shows, too: the positional ones first, each kind in its order. Of a command, its
// --help is left out: it says nothing that the program's does not.
[[nodiscard]] std::vector<const CLI::Option*> options_shown(const CLI::App& app);

// "[OPTIONS] TYPE [ARGS]", and "COMMAND" for what has commands; plain text.
[[nodiscard]] std::string usage_of(const CLI::App& app);

// One paragraph of roff for each: names, description, what is allowed, default, variable, and for
// those of a program the key in its configuration file.
[[nodiscard]] std::string option_list(const CLI::App& app);

// Text that ends as a sentence does; an empty one stays empty.
[[nodiscard]] std::string sentence(std::string text);

}  // namespace penstock::process
