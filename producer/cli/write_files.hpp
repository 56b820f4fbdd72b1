// Files out: complete, or not at all.
//
// Thread rule: free functions.
#pragma once

#include <filesystem>
#include <string>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "producer/cli/output_names.hpp"

namespace penstock::cli {

// Writes a new file under a temporary name beside it and renames it when it is complete, so that
// nobody ever sees half of it. With Existing::keep whatever has the name is refused (conflict).
// With Existing::overwrite the new file takes its place, also that of a link, which is not
// followed; only a device or a pipe is written to. Errors: conflict, internal.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, ByteView bytes,
                                      Existing existing);

// Where the user has said that a result should go: a link is followed to its file, which is
// replaced as above, and "-" is stdout. Errors: internal.
[[nodiscard]] Result<void> write_result(const std::string& path, ByteView bytes);

// Makes the folder and its parents. Errors: internal.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& path);

}  // namespace penstock::cli
