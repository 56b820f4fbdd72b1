// A body as it arrives: in memory while it is small, in a nameless file when it is not.
//
// Thread rule: used by one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "producer/gateway/core/problem.hpp"
#include "producer/gateway/shell/folder.hpp"

namespace penstock::gateway {

class Spill {
  public:
    // The folder must outlive it. Takes at most bytes_max.
    Spill(const Folder& folder, std::uint64_t bytes_max)
        : folder_(&folder), bytes_max_(bytes_max) {}

    // 413 beyond bytes_max, 507 when the disk does not take it.
    [[nodiscard]] std::optional<Problem> write(ByteView bytes);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    // The first bytes, up to body_memory_bytes. Valid until the next write().
    [[nodiscard]] ByteView beginning() const { return as_byte_view(beginning_); }
    // All of it, in memory. 507 when the disk does not give it back.
    [[nodiscard]] Answered<SharedBytes> read() const;
    // The same, into memory that has size() bytes.
    [[nodiscard]] std::optional<Problem> read_into(std::span<std::byte> target) const;

  private:
    const Folder* folder_;
    std::uint64_t bytes_max_;
    std::uint64_t size_ = 0;
    std::string beginning_;
    http::File rest_;  // what is beyond the beginning
};

// 507: the disk refuses.
[[nodiscard]] Problem storage_problem(const Error& error);

}  // namespace penstock::gateway
