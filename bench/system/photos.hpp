// The photographs of the image workload, and what the handler makes of them.
//
// Thread rule: free functions, called by one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock::bench {

inline constexpr const char* resize_type = "image.resize";
// What the handler is asked for, as JSON.
inline constexpr const char* resize_arguments = R"({"width":800})";

struct Photo {
    std::filesystem::path path;
    SharedBytes file;
};

// The JPEG files of a folder, sorted by name.
// Errors: not_found (none there), unavailable (one cannot be read).
[[nodiscard]] Result<std::vector<Photo>> load_photos(const std::filesystem::path& folder);

// The file that the handler itself makes, called as a function: no worker, no broker.
[[nodiscard]] Result<SharedBytes> resize_directly(const SharedBytes& file);

}  // namespace penstock::bench
