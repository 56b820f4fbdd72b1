// The folder that `penstock up` keeps its things in, for one of them at a time.
//
// Thread rule: used by one thread.
#pragma once

#include <filesystem>
#include <string>

#include "common/model/result.hpp"

namespace penstock::cli {

class DataFolder {
  public:
    // Makes the folder if need be and locks it; the lock goes with this object, or the process.
    // Errors: conflict (another one holds it), internal.
    [[nodiscard]] static Result<DataFolder> open(const std::string& path);
    ~DataFolder();
    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&&) = delete;
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    // Absolute.
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    DataFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::filesystem::path path_;
    int lock_ = -1;
};

}  // namespace penstock::cli
