// `map` over an array: one task per chunk, the answers joined again.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstddef>

#include "common/protocol/value.hpp"
#include "producer/cli/output.hpp"
#include "producer/client/client.hpp"

namespace penstock::cli {

struct ArrayJob {
    client::Submission submission;
    Value array;
    std::size_t chunks = 1;
    std::size_t in_flight_max = 1;
};

// The joined result goes to stdout, one line of JSON, if every chunk is completed; a table of who
// did what to stderr. With --json: one object per chunk, completed or not. Returns the exit
// status.
[[nodiscard]] int map_array(client::Client& client, const ArrayJob& job, const Globals& globals,
                            const Output& output);

}  // namespace penstock::cli
