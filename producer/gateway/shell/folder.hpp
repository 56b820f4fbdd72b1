// The gateway's part of the data folder: `processed/` with the results that callers were promised
// by name, and `spill/` with bodies and results on their way, which are nobody's once the gateway
// is gone.
//
// Thread rule: any thread, after open().
#pragma once

#include <filesystem>
#include <string>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "producer/gateway/http/reply.hpp"

namespace penstock::gateway {

class Folder {
  public:
    // Makes the folders if need be, locks them and empties the spill.
    // Errors: conflict (another gateway has this folder), internal.
    [[nodiscard]] static Result<Folder> open(const std::string& path);

    // A new file for reading and writing that has no name, so that it vanishes with its last
    // descriptor, whatever becomes of this process. Errors: internal.
    [[nodiscard]] Result<http::File> nameless() const;
    // The same with these bytes in it. Errors: internal.
    [[nodiscard]] Result<http::File> nameless(ByteView bytes) const;

    // Writes `processed/NAME`: complete and on the disk, or not at all, and never over another
    // file. Blocks for the disk. Returns the path from the data folder on.
    // Errors: conflict (the name is taken), internal.
    [[nodiscard]] Result<std::string> publish(const std::string& name, ByteView bytes) const;

  private:
    Folder(std::filesystem::path path, http::File lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    http::File lock_;
};

// All of them, or an error that names what failed. Errors: internal.
[[nodiscard]] Result<void> write_all(const http::File& file, ByteView bytes);

}  // namespace penstock::gateway
