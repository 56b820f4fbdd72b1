// The sending side of shared memory: payloads are written into slots of a segment of this process,
// and who is given the bytes need not know that they lie there.
//
//     if (std::optional<Slot> slot = ring->claim(bytes)) {
//         fill(slot->bytes());
//         SharedBytes payload = std::move(*slot).seal();   // any copy of it keeps the slot
//     }
//
// A slot is free again when the last share of its bytes is gone here and the broker has given back
// what it was lent. The segment is made when the first slot is claimed, and grows with need.
//
// Thread rule: any thread. Shares may outlive everything else; the segment lives as long as they.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "common/model/bytes.hpp"
#include "common/model/slot_ref.hpp"
#include "common/shm/segment.hpp"
#include "common/shm/slot_book.hpp"

namespace penstock::shm {

class Ring;

// A slot that is being written. Move-only; unless it was sealed, its end frees it.
class Slot {
  public:
    Slot(std::shared_ptr<Ring> ring, std::uint32_t first, std::span<std::byte> bytes)
        : ring_(std::move(ring)), first_(first), bytes_(bytes) {}
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot();

    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
    [[nodiscard]] SharedBytes seal() &&;

  private:
    std::shared_ptr<Ring> ring_;
    std::uint32_t first_;
    std::span<std::byte> bytes_;
};

class Ring : public std::enable_shared_from_this<Ring> {
  public:
    // At most `bytes_max` for payloads, and never more than 2 GiB; 0: never gives a slot.
    [[nodiscard]] static std::shared_ptr<Ring> create(std::uint64_t bytes_max);

    [[nodiscard]] const std::string& segment() const { return name_; }
    [[nodiscard]] std::uint64_t key() const { return key_; }
    // Nothing if there is no room (try again when something has come back), or none to be had.
    [[nodiscard]] std::optional<Slot> claim(std::size_t bytes);
    // The same bytes in a slot, if there is one and they are worth it; else as they are.
    [[nodiscard]] SharedBytes place(SharedBytes bytes);

    // These bytes are sent as a reference, if they are all of a slot.
    [[nodiscard]] std::optional<SlotRef> lend(ByteView bytes);
    // As those of SlotBook.
    void come_back(std::span<const SlotLoan> loans);
    void begin_session(std::span<const SlotLoan> still_out, bool rest = false);
    void wake();

    struct Usage {
        std::uint64_t used_bytes = 0;
        std::uint64_t size_bytes = 0;  // what it may grow to
    };
    [[nodiscard]] Usage usage() const;

  private:
    friend class Slot;
    explicit Ring(std::uint64_t bytes_max);

    // Requires: the mutex is held.
    [[nodiscard]] bool grow(std::uint32_t blocks);
    void withdraw(std::span<const std::uint32_t> slots);
    void let_go(std::uint32_t slot);

    const std::string name_;
    const std::uint64_t key_;
    mutable std::mutex mutex_;
    SlotBook book_;
    std::optional<OwnSegment> segment_;
    // /dev/shm had no room: what there is stays, and so many claims find none before it is asked
    // again.
    std::uint32_t claims_without_growth_ = 0;
};

// What a ring may take if nobody says otherwise: an eighth of what /dev/shm has now, at most
// 256 MiB; 0 where that is too little to be of use.
[[nodiscard]] std::uint64_t default_ring_bytes();

}  // namespace penstock::shm
