// Where Penstock's other programs are, and what they say.
//
// Thread rule: free functions, used before any thread starts.
#pragma once

#include <string>
#include <vector>

#include "common/model/result.hpp"

namespace penstock::cli {

// The path of a program: beside the running one, or else on PATH.
// Errors: not_found, naming where it was looked for.
[[nodiscard]] Result<std::string> find_program(const std::string& name);

// What the program prints on stdout; its stderr is ours.
// Errors: not_found (no such program), failed (it left with an error), internal.
[[nodiscard]] Result<std::string> output_of(const std::string& name,
                                            std::vector<std::string> arguments);

}  // namespace penstock::cli
