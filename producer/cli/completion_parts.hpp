// What the completion scripts of several shells have in common.
//
// Thread rule: free functions over values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "producer/cli/command_tree.hpp"

namespace penstock::cli {

// A command and the words that lead to it: "penstock task ls".
using Visit = std::function<void(const CommandNode& command, const std::string& path)>;

// The program first, a command before its verbs.
void walk(const CommandNode& program, const Visit& visit);

// The commands of all three shells understand this quoting; fish has a rule of its own for `quote`.
[[nodiscard]] std::string quoted(const std::string& text, const std::string& quote = "'\\''");

// The words as they stand in a list of bash or zsh, in quotes where these are needed.
[[nodiscard]] std::string word_list(const std::vector<std::string>& words);

// Those of the command that the program does not have, too; none for the program.
[[nodiscard]] std::vector<OptionNode> own_options(const CommandNode& program,
                                                  const CommandNode& command);

// The text with the program's name in every place where PROGRAM stands.
[[nodiscard]] std::string named(std::string text, const CommandNode& program);

// For bash and zsh. Function _PROGRAM_step leads from "penstock task" and "ls" to the command
// where='penstock task ls', through aliases, too.
[[nodiscard]] std::string step_function(const CommandNode& program);
// For bash and zsh. Function _PROGRAM_value is true for an option that takes a value, such as
// "penstock task ls --state", and says what is known of that in offer=(dead …) or contexts=yes.
[[nodiscard]] std::string value_function(const CommandNode& program);

}  // namespace penstock::cli
