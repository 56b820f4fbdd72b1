// The commands of the program as plain values, read off the parser, so that whatever is made of
// them (completion) can never drift from what is parsed.
//
// Thread rule: values.
#pragma once

#include <string>
#include <vector>

#include "common/process/flags.hpp"

namespace penstock::cli {

// The kind of a value that is the name of a saved context.
inline constexpr const char* saved_context_kind = "CONTEXT";

struct KnownValues {
    std::vector<std::string> choices = {};
    bool has_contexts = false;  // the names that `penstock context ls --names` prints, too

    [[nodiscard]] bool empty() const { return choices.empty() && !has_contexts; }
};

struct OptionNode {
    std::vector<std::string> names;  // with dashes
    std::string description = {};
    bool takes_value = false;
    KnownValues values = {};
};

struct CommandNode {
    std::string name;
    std::vector<std::string> aliases = {};
    std::string description = {};
    std::vector<OptionNode> options = {};
    KnownValues arguments = {};  // of all its positional arguments
    std::vector<CommandNode> commands = {};
};

// Without what is hidden from the help. Choices are what a value is checked against, or the
// lower-case words of a type name such as "sum|mean|TYPE".
[[nodiscard]] CommandNode command_tree(const CLI::App& app);

}  // namespace penstock::cli
