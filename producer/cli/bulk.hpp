// `submit --from-jsonl`: one task per line.
//
// Thread rule: used by the command's thread.
#pragma once

#include <string>

#include "producer/cli/output.hpp"
#include "producer/client/client.hpp"
#include "producer/core/pending_entry.hpp"

namespace penstock::cli {

struct Bulk {
    client::Submission submission;
    client::Interest interest = client::Interest::receipt;
    std::string file;  // "-": stdin
};

// Prints one line per task in the order of the input: the id, or with Interest::result the
// result's value; `null` for what failed, which stderr explains, and for what had not ended when
// the wait was over. With --json an object, whose `state` is null then. What has to wait for an
// earlier line is held, within a bound: then no more input is read until that line is there.
[[nodiscard]] int submit_lines(client::Client& client, const Bulk& bulk, const Globals& globals,
                               const Output& output);

}  // namespace penstock::cli
