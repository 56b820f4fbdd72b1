// Where Penstock's other programs are.
//
// Thread rule: free function.
#pragma once

#include <string>

#include "common/model/result.hpp"

namespace penstock::cli {

// The path of a program: beside the running one, or else on PATH.
// Errors: not_found, naming where it was looked for.
[[nodiscard]] Result<std::string> find_program(const std::string& name);

}  // namespace penstock::cli
