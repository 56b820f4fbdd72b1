// The file system as the journal uses it, so that a simulated disk can stand in for the real one
// (posix_files.hpp): one flat folder of files.
//
// What is written counts as safe only after sync() of the file, and a name only after
// sync_names(). A failed sync is final: the kernel may have dropped what could not be written, so
// whoever gets that error must not promise anything on this folder any more.
//
// Thread rule: one thread at a time; beside it another one may open() and read files.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock::broker {

class File {
  public:
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    virtual ~File() = default;

    [[nodiscard]] virtual Result<std::uint64_t> size_bytes() const = 0;
    // Fills `into` from `offset` on. Errors: malformed if the file ends before; internal.
    [[nodiscard]] virtual Result<void> read(std::uint64_t offset,
                                            std::span<std::byte> into) const = 0;
    // Errors: disk_full; internal.
    [[nodiscard]] virtual Result<void> write(std::uint64_t offset, ByteView bytes) = 0;
    // Takes room for so many bytes, zeros, without writing them. Requires: the file is empty.
    // Errors: disk_full; internal.
    [[nodiscard]] virtual Result<void> allocate(std::uint64_t bytes) = 0;
    // Makes everything written before safe. Errors: internal.
    [[nodiscard]] virtual Result<void> sync() = 0;
};

class Folder {
  public:
    Folder() = default;
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    virtual ~Folder() = default;

    // Names of all files, in order.
    [[nodiscard]] virtual Result<std::vector<std::string>> list() const = 0;
    // An existing file. Errors: not_found; internal.
    [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& name) = 0;
    // A new, empty file; one of that name is emptied. Errors: disk_full; internal.
    [[nodiscard]] virtual Result<std::unique_ptr<File>> create(const std::string& name) = 0;
    // Takes the place of a file of that name, if there is one. Open files stay open.
    [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;
    // Makes all names as they are now safe. Errors: internal.
    [[nodiscard]] virtual Result<void> sync_names() = 0;
};

}  // namespace penstock::broker
