// What may stand as the value of an option or argument, as far as the parser knows it.
//
// Thread rule: free functions over values.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace penstock::process {

struct ValueForm {
    std::string kind;                       // "UINT", or "sum|mean|TYPE"
    std::string range = {};                 // "1 to 100"
    std::vector<std::string> choices = {};  // those it is checked against, in their order
};

[[nodiscard]] ValueForm value_form(const CLI::Option& option);

// The values that have names: the choices, or else the lower-case words of a kind such as
// "sum|mean|TYPE".
[[nodiscard]] std::vector<std::string> named_values(const ValueForm& form);

}  // namespace penstock::process
