// Which blocks of a segment are in use, and until when: the owner's book.
//
// A slot is a run of blocks. It is claimed (being written) -> sealed (readable under its
// generation) -> free, once nobody here holds it and everything that was lent of it has come back.
// Blocks are given out in a ring, so that what was freed last is written over last.
//
// Pure: no memory behind it, no clock. Thread rule: owned by one thread, or guarded by who owns it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "common/model/slot_ref.hpp"

namespace penstock::shm {

class SlotBook {
  public:
    // May grow up to `blocks_max` blocks; has none yet.
    explicit SlotBook(std::uint32_t blocks_max) : blocks_max_(blocks_max) {}

    // More of the segment may be used. Requires: no less than before, at most blocks_max.
    void grow(std::uint32_t blocks);
    [[nodiscard]] std::uint32_t blocks() const { return static_cast<std::uint32_t>(used_.size()); }
    [[nodiscard]] std::uint32_t blocks_max() const { return blocks_max_; }
    [[nodiscard]] std::uint32_t blocks_used() const { return blocks_used_; }

    // A run of that many blocks, claimed and held; nothing if there is none.
    // Requires: at least one.
    [[nodiscard]] std::optional<std::uint32_t> claim(std::uint32_t blocks);
    // The generation under which it can be read from now on; no other slot ever had it.
    std::uint64_t seal(std::uint32_t slot);
    // The holder here needs it no more. True: it is free now.
    bool let_go(std::uint32_t slot);
    // A reference to it is sent. Requires: sealed, not free. Returns its generation.
    std::uint64_t lend(std::uint32_t slot);
    // The reader has done with these. The slots that are free now. Loans that are not in the book,
    // and more than were lent, are ignored.
    [[nodiscard]] std::vector<std::uint32_t> come_back(std::span<const SlotLoan> loans);
    // A new session: only these are still out; whatever else was lent never arrived or is over.
    // With `rest`, who it was lent to may read it for a while yet: it rests until wake().
    // The slots that are free now.
    [[nodiscard]] std::vector<std::uint32_t> begin_session(std::span<const SlotLoan> still_out,
                                                           bool rest = false);
    [[nodiscard]] std::vector<std::uint32_t> wake();

    // The slot that holds this block; nothing if none does.
    [[nodiscard]] std::optional<std::uint32_t> slot_of(std::uint32_t block) const;

  private:
    struct Slot {
        std::uint32_t blocks = 0;
        std::uint64_t generation = 0;  // 0: not sealed
        std::uint64_t lent = 0;
        bool held = true;
        bool resting = false;
    };

    [[nodiscard]] std::optional<std::uint32_t> find_run(std::uint32_t blocks, std::uint32_t from,
                                                        std::uint32_t to) const;
    [[nodiscard]] std::vector<std::uint32_t> free_unused();
    bool free_if_unused(std::map<std::uint32_t, Slot>::iterator slot);

    std::uint32_t blocks_max_;
    std::uint32_t blocks_used_ = 0;
    std::uint32_t next_ = 0;  // where the search begins
    std::uint64_t last_generation_ = 0;
    std::vector<bool> used_;
    std::map<std::uint32_t, Slot> slots_;  // by first block
};

}  // namespace penstock::shm
