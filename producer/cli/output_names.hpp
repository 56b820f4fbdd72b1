// Names for result files: never two results on one name, and never over a file that was there
// before unless that is asked for.
//
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace penstock::cli {

enum class Existing : std::uint8_t { keep, overwrite };

class OutputNames {
  public:
    // `exists` tells whether a file of that path is there.
    using Exists = std::function<bool(const std::filesystem::path&)>;
    OutputNames(std::filesystem::path folder, Existing existing, Exists exists);

    // Takes this path out of the choice, even for overwriting: an input of the same command.
    void protect(const std::filesystem::path& path);

    // A path in the folder for a result of `input`: its name with `extension` (".jpg") instead
    // of its own, and "-2", "-3", … before it while the name is taken. Each path is given once.
    [[nodiscard]] std::filesystem::path choose(const std::filesystem::path& input,
                                               const std::string& extension);

  private:
    [[nodiscard]] bool is_taken(const std::filesystem::path& path) const;

    std::filesystem::path folder_;
    Existing existing_;
    Exists exists_;
    std::set<std::filesystem::path> given_;
    std::set<std::filesystem::path> protected_;
};

}  // namespace penstock::cli
