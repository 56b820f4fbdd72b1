// A copy of a broker's journal, as it grows from the pieces that come: complete or not at all.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/model/result.hpp"
#include "common/protocol/backup_messages.hpp"

namespace penstock::cli {

class BackupCopy {
  public:
    // Makes a folder of another name beside `folder`, which must be missing or empty.
    // Errors: conflict (it holds something), internal.
    [[nodiscard]] static Result<BackupCopy> begin(const std::string& folder);
    // Removes what is not finished.
    ~BackupCopy();
    BackupCopy(BackupCopy&& other) noexcept;
    BackupCopy& operator=(BackupCopy&&) = delete;
    BackupCopy(const BackupCopy&) = delete;
    BackupCopy& operator=(const BackupCopy&) = delete;

    // What to ask for next; nothing once all is there that was durable when the copy began.
    [[nodiscard]] const std::optional<protocol::BackupPlace>& next() const { return next_; }
    // The answer to that. Errors: malformed (no sense in it), unavailable (the broker trims faster
    // than this side copies), internal.
    [[nodiscard]] Result<void> take(const protocol::BackupPart& part);
    // Makes everything safe, and gives the folder its name. Requires: !next().
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t files() const { return files_; }
    // How often it began again because the broker had trimmed what was next.
    [[nodiscard]] int restarts() const { return restarts_; }

    // More in one backup: the copying never catches up.
    static constexpr int restarts_max = 100;

  private:
    BackupCopy(std::filesystem::path folder, std::filesystem::path unfinished)
        : folder_(std::move(folder)), unfinished_(std::move(unfinished)) {}

    [[nodiscard]] Result<void> start_over(const protocol::BackupPart& part);
    [[nodiscard]] Result<void> write(const protocol::BackupPart& part);

    std::filesystem::path folder_;
    std::filesystem::path unfinished_;  // empty: finished, or moved from
    std::optional<protocol::BackupPlace> next_ = protocol::BackupPlace{};
    protocol::BackupPlace target_;  // copied up to here it is complete
    std::uint64_t bytes_ = 0;
    std::size_t files_ = 0;
    int restarts_ = 0;
};

}  // namespace penstock::cli
