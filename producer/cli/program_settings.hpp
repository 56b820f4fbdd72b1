// The settings of Penstock's other programs, as they themselves would find them now.
//
// Thread rule: free function, used before any thread starts.
#pragma once

#include <string>
#include <vector>

#include "common/process/settings.hpp"

namespace penstock::cli {

// Starts the program and asks it; what it has to say about bad settings goes to stderr. `config` is
// the file that --config names, or empty.
// Errors: not_found (no such program), malformed (it refuses its settings), internal.
[[nodiscard]] Result<std::vector<process::Setting>> ask_for_settings(const std::string& program,
                                                                     const std::string& config);

}  // namespace penstock::cli
