// Files in: which ones, and bounded reading.
//
// Thread rule: free functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "producer/client/payload_buffer.hpp"

namespace penstock::cli {

// The whole file, or stdin for "-". A file over `bytes_max` is refused by its size, before a byte
// is read. Errors: too_large (a payload is over the broker's limit, a text over this command's),
// internal (cannot be read; the text names the file and the reason).
// A file of a known size is read into what `make` gives, if it is given.
using MakePayloadBuffer = std::function<client::PayloadBuffer(std::size_t bytes)>;
[[nodiscard]] Result<SharedBytes> read_payload(const std::string& path, std::size_t bytes_max,
                                               const MakePayloadBuffer& make = {});
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::size_t bytes_max);

// Regular files stay; a folder becomes the regular files in it (not below) whose names do not start
// with a dot and end in one of `extensions` (lower case, with dot; none: all), sorted. Errors:
// internal for a path that is not there, malformed for a pipe or a device.
[[nodiscard]] Result<std::vector<std::filesystem::path>> expand_inputs(
    const std::vector<std::string>& inputs, const std::vector<std::string>& extensions);

}  // namespace penstock::cli
