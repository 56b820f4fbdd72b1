// The limit of every journal: one write and one fdatasync after the other, into a file whose blocks
// are all written already.
//
// Thread rule: used by the thread that made it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "bench/system/measured.hpp"
#include "common/model/result.hpp"

namespace penstock::bench {

class BareLog {
  public:
    // A new file in that folder. Errors: unavailable.
    [[nodiscard]] static Result<BareLog> create(const std::filesystem::path& folder);
    ~BareLog();
    BareLog(BareLog&& other) noexcept;
    BareLog& operator=(BareLog&&) = delete;
    BareLog(const BareLog&) = delete;
    BareLog& operator=(const BareLog&) = delete;

    // Batches of so many bytes, for that long; each stands for so many tasks, and its time is
    // measured. Requires: at most file_bytes.
    [[nodiscard]] Measured write(std::size_t batch_bytes, double tasks_per_batch,
                                 Duration duration);

    // As large as a segment of the journal.
    static constexpr std::size_t file_bytes = std::size_t{64} << 20U;

  private:
    explicit BareLog(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    std::size_t offset_ = 0;
};

}  // namespace penstock::bench
