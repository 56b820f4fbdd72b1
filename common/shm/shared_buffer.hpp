// One buffer that several processes of a host map, and all of them may write: a segment of its own,
// so that whoever still writes when it is given up harms nothing else.
//
// It is for processes that trust each other: any of them may change it at any time. Who waits for
// the end of the task that changes it sees the change without further ado.
//
// Thread rule: what the bytes need is up to their users.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "common/model/result.hpp"
#include "common/model/slot_ref.hpp"
#include "common/shm/segment.hpp"

namespace penstock::shm {

// The owner's. Move-only; its end removes the name, and the memory goes with the last who maps it.
class SharedBuffer {
  public:
    // Filled with zeros. Errors: malformed (no bytes, or more than 1 GiB), unavailable (no
    // /dev/shm, or no room in it).
    [[nodiscard]] static Result<SharedBuffer> create(std::size_t bytes);

    // Aligned to pages.
    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
    // What others open it by.
    [[nodiscard]] const SlotRef& ref() const { return ref_; }

  private:
    SharedBuffer(OwnSegment segment, SlotRef ref);

    OwnSegment segment_;
    SlotRef ref_;
    std::span<std::byte> bytes_;
};

// Somebody else's.
class MappedBuffer {
  public:
    // Errors: malformed (no segment's name), unavailable (there is none that this process may
    // change), stale (it is not what it was).
    [[nodiscard]] static Result<MappedBuffer> open(const SlotRef& ref);

    // Aligned to pages; valid as long as this object.
    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

  private:
    MappedBuffer(std::shared_ptr<ForeignSegment> segment, std::span<std::byte> bytes)
        : segment_(std::move(segment)), bytes_(bytes) {}

    std::shared_ptr<ForeignSegment> segment_;
    std::span<std::byte> bytes_;
};

}  // namespace penstock::shm
