// Scripts that make shells complete a program's commands, options and choices, and the names of
// saved contexts, which the program is asked for at that moment. Options are offered for a word
// that begins with '-', and files where nothing is known.
//
// Thread rule: free functions over values.
#pragma once

#include <string>

#include "producer/cli/command_tree.hpp"

namespace penstock::cli {

// The options of `program` itself are offered behind every command, as they may stand there.
[[nodiscard]] std::string bash_completion(const CommandNode& program);
[[nodiscard]] std::string zsh_completion(const CommandNode& program);
[[nodiscard]] std::string fish_completion(const CommandNode& program);

}  // namespace penstock::cli
