#include "producer/cli/programs.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <unistd.h>

#include "common/process/spawn.hpp"

namespace penstock::cli {

Result<std::string> find_program(const std::string& name) {
    const std::filesystem::path beside =
        std::filesystem::path(process::own_program()).parent_path() / name;
    if (::access(beside.c_str(), X_OK) == 0) {
        return beside.string();
    }
    // Read before any thread starts.
    const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::filesystem::path candidate = std::filesystem::path(folder) / name;
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate.string();
        }
    }
    return fail(ErrorCode::not_found,
                fmt::format("{} is neither in {} nor on PATH: build or install it", name,
                            beside.parent_path().string()));
}

}  // namespace penstock::cli
