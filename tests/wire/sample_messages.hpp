// One message of every kind and of every ANSWER, with every field set to something that tells it
// from its neighbours. The golden files, the truncations and the mutations are all made from these.
#pragma once

#include <string>
#include <vector>

#include "common/protocol/message.hpp"

namespace penstock::wire_test {

struct Sample {
    std::string name;  // of the golden file
    protocol::Message message;
};
[[nodiscard]] const std::vector<Sample>& sample_messages();

// An id whose 16 bytes are `first`, `first` + 1, and so on.
[[nodiscard]] TaskId sample_task_id(std::uint8_t first);

}  // namespace penstock::wire_test
