// What the archive has of a task, as JSON for programs and as lines for people.
//
// Thread rule: free functions over values.
#pragma once

#include "common/protocol/archive_messages.hpp"
#include "producer/cli/output.hpp"

namespace penstock::cli {

// Without reports and body, as lists have it.
[[nodiscard]] Value to_json(const protocol::ArchivedTask& task);
// With all that there is; the payload only by its size.
[[nodiscard]] Value whole_to_json(const protocol::ArchivedTask& task);
// A fact on each line, then the attempts.
void print_archived(const protocol::ArchivedTask& task, const Output& output);
// "exited with status 3", "signal 9, peak memory 12 MiB"
[[nodiscard]] std::string death_words(const protocol::Death& death);

}  // namespace penstock::cli
