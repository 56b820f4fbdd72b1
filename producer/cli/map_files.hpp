// `map --files`: one task per file, a table or JSON of what became of them.
//
// Thread rule: used by the command's thread.
#pragma once

#include "producer/cli/file_batch.hpp"

namespace penstock::cli {

// Returns the exit status.
[[nodiscard]] int map_files(Connected& broker, const FileBatch& batch, const Globals& globals,
                            const Output& output);

}  // namespace penstock::cli
