// Bodies that lie in shared memory: how a message names one, and who turns names into bytes and
// back (common/shm; docs/MEMORY.md).
//
// Thread rule: values; a SlotRefs belongs to the thread that encodes and decodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"

namespace penstock {

// A body from this size on may travel as a reference. Below it, a copy through the sockets takes
// less than what a slot costs on both sides.
inline constexpr std::size_t shared_body_min_bytes = std::size_t{128} << 10U;

// Bytes in a slot of a segment. Valid as long as the slot has this generation.
struct SlotRef {
    std::string segment;
    std::uint32_t slot = 0;
    std::uint64_t generation = 0;
    std::uint64_t length = 0;

    friend bool operator==(const SlotRef&, const SlotRef&) = default;
};

// References to a slot of a segment that were sent and are still out, or have come back.
struct SlotLoan {
    std::uint32_t slot = 0;
    std::uint64_t generation = 0;
    std::uint64_t count = 0;

    friend bool operator==(const SlotLoan&, const SlotLoan&) = default;
};

// The memory that the reader and the writer of a message share.
class SlotRefs {
  public:
    SlotRefs() = default;
    SlotRefs(const SlotRefs&) = delete;
    SlotRefs& operator=(const SlotRefs&) = delete;
    virtual ~SlotRefs() = default;

    // Where these bytes lie, if the reader of the message that is being written can read them
    // there. What is given must be sent: who owns the slot counts it as lent.
    [[nodiscard]] virtual std::optional<SlotRef> lend(ByteView bytes) = 0;
    // The bytes that a message names; as long as they live, they stay what they are.
    // Errors: stale (the slot has another generation), unavailable (it cannot be read from here).
    [[nodiscard]] virtual Result<SharedBytes> borrow(const SlotRef& ref) = 0;
};

}  // namespace penstock
