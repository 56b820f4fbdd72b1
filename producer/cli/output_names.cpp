#include "producer/cli/output_names.hpp"

#include <sys/stat.h>
#include <system_error>

namespace penstock::cli {

namespace fs = std::filesystem;

OutputNames::OutputNames(fs::path folder, Existing existing)
    : folder_(std::move(folder)), existing_(existing) {}

void OutputNames::protect(const fs::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) {
        protected_.emplace(facts.st_dev, facts.st_ino);
    }
}

fs::path OutputNames::choose(const fs::path& input, const std::string& extension) {
    const std::string stem = input.stem().string();
    fs::path candidate = folder_ / (stem + extension);
    for (int number = 2; is_taken(candidate); ++number) {
        candidate = folder_ / (stem + "-" + std::to_string(number) + extension);
    }
    given_.insert(candidate);
    return candidate;
}

bool OutputNames::is_taken(const fs::path& path) const {
    if (given_.contains(path)) {
        return true;
    }
    std::error_code ignored;
    if (existing_ == Existing::keep) {
        // A link that leads nowhere is there, too.
        return fs::exists(fs::symlink_status(path, ignored));
    }
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 && protected_.contains({facts.st_dev, facts.st_ino});
}

}  // namespace penstock::cli
