// Records and messages in a line, for traces.
#pragma once

#include <string>

#include "broker/core/record.hpp"
#include "common/protocol/message.hpp"

namespace penstock::simulation {

[[nodiscard]] std::string to_text(const broker::Record& record);
[[nodiscard]] std::string to_text(const protocol::Message& message);

}  // namespace penstock::simulation
