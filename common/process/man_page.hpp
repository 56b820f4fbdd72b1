// The manual page of a program, made of the options, commands and examples that its --help shows,
// so that the two can never differ. Every program prints it for the hidden flag --man.
//
// Thread rule: free functions over values.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace penstock::process {

// A page of section 1, in roff. Nothing that is hidden from the help is on it. The options of the
// program itself are shown with their variables and their keys in the configuration file, which
// stand in the table `section`, or above all tables if that is empty. Remarks that end with
// "Exit codes: 0 ok, 1 error, ..." become a list of these.
// Requires: the app is a program as parse() sees it, its variables named.
[[nodiscard]] std::string man_page(const CLI::App& program, const std::string& section);

}  // namespace penstock::process
