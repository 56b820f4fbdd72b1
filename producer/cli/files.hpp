// Files in and out: bounded reading, complete writing.
//
// Thread rule: free functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "producer/cli/output_names.hpp"

namespace penstock::cli {

// The whole file, or stdin for "-". A file over `bytes_max` is refused by its size, before a byte
// is read. Errors: too_large, internal (cannot be read; the text names the file and the reason).
[[nodiscard]] Result<SharedBytes> read_payload(const std::string& path, std::size_t bytes_max);
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::size_t bytes_max);

// Writes a new file under a temporary name beside it and renames it when it is complete, so that
// nobody ever sees half of it. With Existing::keep an existing file is refused (conflict).
// Errors: conflict, internal.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, ByteView bytes,
                                      Existing existing);

// Makes the folder and its parents. Errors: internal.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& path);

// Files stay; a folder becomes the regular files in it (not below) whose names do not start with
// a dot and end in one of `extensions` (lower case, with dot; none: all), sorted. Errors: internal
// for a path that is not there.
[[nodiscard]] Result<std::vector<std::filesystem::path>> expand_inputs(
    const std::vector<std::string>& inputs, const std::vector<std::string>& extensions);

}  // namespace penstock::cli
