// `map` over elements that are read as they are needed: a bounded number of tasks at a time, their
// results reduced or printed as they come.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstddef>
#include <string>

#include "producer/cli/output.hpp"
#include "producer/cli/parts.hpp"
#include "producer/client/client.hpp"

namespace penstock::cli {

struct StreamJob {
    client::Submission submission;
    std::string reduce;  // as make_reduction() takes it
    std::size_t in_flight_max = 1;
};

// The reduced value goes to stdout, one line of JSON, if every part has a result; with --json, and
// unless it is printed piece by piece ("concat"), in an object {"value", "elements", "tasks",
// "failed"}. Without a reduction one line per part, in order. With one, nothing more is read after
// the first failure, because the value cannot be had any more. Returns the exit status.
[[nodiscard]] int map_stream(client::Client& client, const StreamJob& job, Parts parts,
                             const Globals& globals, const Output& output);

}  // namespace penstock::cli
