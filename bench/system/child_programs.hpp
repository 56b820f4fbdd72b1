// The programs beside this one, as child processes.
//
// Thread rule: as process::Child.
#pragma once

#include <string>
#include <vector>

#include "common/model/result.hpp"
#include "common/process/spawn.hpp"

namespace penstock::bench {

// Errors: not_found (no such program).
[[nodiscard]] Result<process::Child> start_program(const std::string& name,
                                                   std::vector<std::string> arguments);
// SIGTERM; returns when it has ended, or after five seconds. By force when the child is destroyed.
void ask_to_end(process::Child& child);

}  // namespace penstock::bench
