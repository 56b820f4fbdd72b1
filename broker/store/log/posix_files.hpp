// A folder of the real file system, for one process at a time, or for several that only read.
//
// Thread rule: one thread at a time.
#pragma once

#include <filesystem>
#include <memory>

#include "broker/store/log/files.hpp"

namespace penstock::broker {

// Makes the folder and those above it if there are none, readable for its owner only, and locks it
// until it is destroyed. Errors: conflict (another process has it), unavailable (no right, not a
// folder).
[[nodiscard]] Result<std::unique_ptr<Folder>> open_folder(const std::filesystem::path& path);

// An existing folder, of which nothing can be changed through this. Also on a file system that
// cannot be written. Errors: not_found, conflict (another process may change it), unavailable.
[[nodiscard]] Result<std::unique_ptr<Folder>> open_folder_to_read(
    const std::filesystem::path& path);

// Makes the names in a folder safe that is not open. Errors: internal.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& path);

}  // namespace penstock::broker
