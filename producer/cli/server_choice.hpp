// Which broker a command talks to.
//
// Thread rule: free functions over values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/process/settings.hpp"
#include "producer/cli/contexts.hpp"

namespace penstock::cli {

struct ServerChoice {
    std::string server;
    std::string context;  // the saved context that named it; empty: none did
};

// Flag, environment, file, in this order, whichever of `server` and `context` it sets; where both
// are set in one place, `server`. Then the context in use, then the default of `server`. Saved
// contexts are only loaded where they matter.
// Errors: malformed (both flags), not_found (no such context), those of `load`.
[[nodiscard]] Result<ServerChoice> choose_server(const std::vector<process::Setting>& settings,
                                                 const std::function<Result<Contexts>()>& load);

}  // namespace penstock::cli
