#include "common/shm/slot_book.hpp"

#include <algorithm>
#include <iterator>

#include "common/model/assert.hpp"

namespace penstock::shm {

void SlotBook::grow(std::uint32_t blocks) {
    PENSTOCK_ASSERT(blocks >= used_.size() && blocks <= blocks_max_);
    used_.resize(blocks);
}

std::optional<std::uint32_t> SlotBook::find_run(std::uint32_t blocks, std::uint32_t from,
                                                std::uint32_t to) const {
    std::uint32_t run = 0;
    for (std::uint32_t block = from; block < to; ++block) {
        run = used_[block] ? 0 : run + 1;
        if (run == blocks) {
            return block + 1 - blocks;
        }
    }
    return std::nullopt;
}

std::optional<std::uint32_t> SlotBook::claim(std::uint32_t blocks) {
    PENSTOCK_ASSERT(blocks > 0);
    const std::uint32_t end = this->blocks();
    std::optional<std::uint32_t> first = find_run(blocks, next_, end);
    if (!first) {
        first = find_run(blocks, 0, end);
    }
    if (!first) {
        return std::nullopt;
    }
    std::fill_n(used_.begin() + *first, blocks, true);
    blocks_used_ += blocks;
    next_ = *first + blocks;
    slots_.emplace(*first, Slot{blocks, 0, 0, true, false});
    return first;
}

std::uint64_t SlotBook::seal(std::uint32_t slot) {
    Slot& sealed = slots_.at(slot);
    PENSTOCK_ASSERT(sealed.generation == 0);
    sealed.generation = ++last_generation_;
    return sealed.generation;
}

bool SlotBook::let_go(std::uint32_t slot) {
    const auto found = slots_.find(slot);
    PENSTOCK_ASSERT(found != slots_.end() && found->second.held);
    found->second.held = false;
    return free_if_unused(found);
}

std::uint64_t SlotBook::lend(std::uint32_t slot) {
    Slot& lent = slots_.at(slot);
    PENSTOCK_ASSERT(lent.generation != 0);
    ++lent.lent;
    return lent.generation;
}

std::vector<std::uint32_t> SlotBook::come_back(std::span<const SlotLoan> loans) {
    std::vector<std::uint32_t> freed;
    for (const SlotLoan& loan : loans) {
        const auto found = slots_.find(loan.slot);
        if (found == slots_.end() || found->second.generation != loan.generation) {
            continue;
        }
        found->second.lent -= std::min(loan.count, found->second.lent);
        if (free_if_unused(found)) {
            freed.push_back(loan.slot);
        }
    }
    return freed;
}

std::vector<std::uint32_t> SlotBook::begin_session(std::span<const SlotLoan> still_out, bool rest) {
    for (auto& [first, slot] : slots_) {
        slot.resting = slot.resting || (rest && slot.lent > 0);
        slot.lent = 0;
    }
    for (const SlotLoan& loan : still_out) {
        const auto found = slots_.find(loan.slot);
        if (found != slots_.end() && found->second.generation == loan.generation) {
            found->second.lent = loan.count;
        }
    }
    return free_unused();
}

std::vector<std::uint32_t> SlotBook::wake() {
    for (auto& [first, slot] : slots_) {
        slot.resting = false;
    }
    return free_unused();
}

std::vector<std::uint32_t> SlotBook::free_unused() {
    std::vector<std::uint32_t> freed;
    for (auto slot = slots_.begin(); slot != slots_.end();) {
        const auto next = std::next(slot);
        const std::uint32_t first = slot->first;
        if (free_if_unused(slot)) {
            freed.push_back(first);
        }
        slot = next;
    }
    return freed;
}

std::optional<std::uint32_t> SlotBook::slot_of(std::uint32_t block) const {
    const auto after = slots_.upper_bound(block);
    if (after == slots_.begin()) {
        return std::nullopt;
    }
    const auto& [first, slot] = *std::prev(after);
    return block < first + slot.blocks ? std::optional(first) : std::nullopt;
}

bool SlotBook::free_if_unused(std::map<std::uint32_t, Slot>::iterator slot) {
    const auto& [first, state] = *slot;
    if (state.held || state.lent > 0 || state.resting) {
        return false;
    }
    std::fill_n(used_.begin() + first, state.blocks, false);
    blocks_used_ -= state.blocks;
    slots_.erase(slot);
    return true;
}

}  // namespace penstock::shm
