#include "producer/cli/output_names.hpp"

#include <utility>

namespace penstock::cli {

namespace fs = std::filesystem;

OutputNames::OutputNames(fs::path folder, Existing existing, Exists exists)
    : folder_(std::move(folder)), existing_(existing), exists_(std::move(exists)) {}

void OutputNames::protect(const fs::path& path) {
    protected_.insert(path.lexically_normal());
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
    return given_.contains(path) || protected_.contains(path.lexically_normal()) ||
           (existing_ == Existing::keep && exists_(path));
}

}  // namespace penstock::cli
