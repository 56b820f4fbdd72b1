// Names for result files: never two results on one name, and never over a file that was there
// before unless that is asked for.
//
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <sys/types.h>
#include <utility>

namespace penstock::cli {

enum class Existing : std::uint8_t { keep, overwrite };

class OutputNames {
  public:
    OutputNames(std::filesystem::path folder, Existing existing);

    // Takes this file out of the choice, even for overwriting, under whatever path or link it is
    // met: an input of the same command.
    void protect(const std::filesystem::path& path);

    // A path in the folder for a result of `input`: its name with `extension` (".jpg") instead
    // of its own, and "-2", "-3", … before it while the name is taken. Each path is given once.
    [[nodiscard]] std::filesystem::path choose(const std::filesystem::path& input,
                                               const std::string& extension);

  private:
    using FileIdentity = std::pair<dev_t, ino_t>;

    [[nodiscard]] bool is_taken(const std::filesystem::path& path) const;

    std::filesystem::path folder_;
    Existing existing_;
    std::set<std::filesystem::path> given_;
    std::set<FileIdentity> protected_;
};

}  // namespace penstock::cli
