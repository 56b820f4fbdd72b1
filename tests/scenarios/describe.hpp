// Messages as a story tells them: "RECEIPT memory 1-3", "DISPATCH sum/default 1#1 2#1".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/protocol/message.hpp"

namespace penstock::scenarios {

// Gives the story's name of a worker.
using WorkerName = std::function<std::string(const WorkerId&)>;

// One line, or several for a message with groups, results or rows.
[[nodiscard]] std::vector<std::string> describe(const protocol::Message& message,
                                                const WorkerName& worker_name);

}  // namespace penstock::scenarios
