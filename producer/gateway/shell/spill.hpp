// A body as it arrives: in memory while it is small, or there is room for one of its length; else
// in a nameless file.
//
// Thread rule: used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "producer/gateway/core/problem.hpp"
#include "producer/gateway/shell/body_memory.hpp"
#include "producer/gateway/shell/folder.hpp"

namespace penstock::gateway {

class Spill {
  public:
    // Folder and memory must outlive it. Takes at most bytes_max. `announced`: no more will come;
    // nothing if nobody knows, and then it goes into a file.
    Spill(const Folder& folder, BodyMemory& memory, std::uint64_t bytes_max,
          std::optional<std::uint64_t> announced);
    Spill(const Spill&) = delete;
    Spill& operator=(const Spill&) = delete;

    // 413 beyond bytes_max and what was announced, 507 when the disk does not take it.
    [[nodiscard]] std::optional<Problem> write(ByteView bytes);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    // The first bytes, up to body_memory_bytes. Valid until the next write().
    [[nodiscard]] ByteView beginning() const;
    // All of it, to be handed over; nothing is left here. 507 when the disk does not give it back.
    [[nodiscard]] Answered<SharedBytes> take();
    // Forgets it, and takes no more.
    void drop();

  private:
    void claim_room();
    [[nodiscard]] Answered<SharedBytes> read() const;

    const Folder& folder_;
    BodyMemory& memory_;
    std::uint64_t bytes_max_;
    std::optional<std::uint64_t> announced_;
    std::uint64_t size_ = 0;
    std::string beginning_;
    // What is beyond the beginning is in one of the two; in the first, the beginning is, too.
    std::optional<BodyMemory::Room> room_;
    http::File rest_;
};

// 507: the disk refuses.
[[nodiscard]] Problem storage_problem(const Error& error);

}  // namespace penstock::gateway
