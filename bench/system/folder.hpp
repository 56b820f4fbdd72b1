// A folder for sockets and files that is gone afterwards.
//
// Thread rule: owned by main().
#pragma once

#include <filesystem>
#include <string>

#include "common/model/result.hpp"

namespace penstock::bench {

class Folder {
  public:
    // In TMPDIR, or /tmp. Errors: unavailable.
    [[nodiscard]] static Result<Folder> create();
    // Removes it with all that is in it.
    ~Folder();
    Folder(Folder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    Folder& operator=(Folder&&) = delete;
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // The endpoint of a socket in it.
    [[nodiscard]] std::string endpoint(const std::string& name) const;

  private:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

}  // namespace penstock::bench
