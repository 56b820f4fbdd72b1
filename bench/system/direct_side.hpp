// The limit of the image workload: the function that is the handler, called in two processes
// without anything around it.
//
// Thread rule: used by the thread that made it, which must live as long: the processes end with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "bench/system/folder.hpp"
#include "bench/system/measured.hpp"
#include "common/model/result.hpp"
#include "common/process/spawn.hpp"

namespace penstock::bench {

// What one process answers, as it lies in memory: both ends are this program.
struct DirectCount {
    std::uint64_t right = 0;
    std::uint64_t wrong = 0;
};

class DirectSide {
  public:
    // The processes read the photographs from `photos`, and what is to come out under the same
    // names from `expected`. Errors: unavailable.
    [[nodiscard]] static Result<std::unique_ptr<DirectSide>> start(
        const Folder& folder, const std::filesystem::path& photos,
        const std::filesystem::path& expected);
    ~DirectSide();
    DirectSide(const DirectSide&) = delete;
    DirectSide& operator=(const DirectSide&) = delete;

    // Both at once, each one photograph after another.
    [[nodiscard]] Measured resize(Duration duration);

  private:
    struct Lines;
    explicit DirectSide(std::unique_ptr<Lines> lines);

    std::unique_ptr<Lines> lines_;  // a socket for each process
    std::vector<process::Child> children_;
};

}  // namespace penstock::bench
