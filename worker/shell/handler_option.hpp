// An option that belongs to handlers. The worker reads it like its own (flag, environment, file)
// and knows nothing of what it says.
//
// Thread rule: values, for main() before any thread starts.
#pragma once

#include <string>
#include <vector>

#include "common/model/result.hpp"

namespace penstock::worker {

struct HandlerOption {
    std::string flag;  // such as "--exec"; may be given several times
    std::string form;  // of one value, as the help shows it
    std::string help;
    // Gets all values, perhaps none. Called once, in main() of every process of the program, before
    // the handlers are asked for. An error is shown behind the flag and ends the program (usage).
    Result<void> (*take)(const std::vector<std::string>& values) = nullptr;
};

}  // namespace penstock::worker
