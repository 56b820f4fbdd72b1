#include "common/shm/ring.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace penstock::shm {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
constexpr std::uint64_t default_bytes_max = 256 * mebibyte;
// Less would hold two large photographs at most.
constexpr std::uint64_t default_bytes_min = 4 * mebibyte;
// A message about all slots of one that large still fits.
constexpr std::uint64_t ring_bytes_max = 2048 * mebibyte;
// Large bodies that travel in frames before a full /dev/shm is looked at again.
constexpr std::uint32_t claims_before_growth = 256;
// The first step of growth; each further one doubles what there is.
constexpr std::uint32_t first_blocks = 8 * mebibyte / block_bytes;

}  // namespace

std::uint64_t default_ring_bytes() {
    const std::uint64_t share = std::min(free_bytes() / 8, default_bytes_max);
    return share < default_bytes_min ? 0 : share;
}

Slot::~Slot() {
    if (ring_) {
        ring_->let_go(first_);
    }
}

SharedBytes Slot::seal() && {
    {
        const std::lock_guard lock(ring_->mutex_);
        ring_->segment_->publish(first_, ring_->book_.seal(first_));
    }
    const ByteView view = bytes_;
    const std::uint32_t first = first_;
    Ring* const ring = ring_.get();
    // The share owns the ring: the deleter runs when the last copy of the bytes is gone.
    std::shared_ptr<const void> owner(
        ring, [ring_share = std::move(ring_), first](const void*) { ring_share->let_go(first); });
    return {std::move(owner), view};
}

std::shared_ptr<Ring> Ring::create(std::uint64_t bytes_max) {
    return std::shared_ptr<Ring>(new Ring(bytes_max));  // NOLINT: the constructor is private
}

Ring::Ring(std::uint64_t bytes_max)
    : name_(new_segment_name()),
      key_(new_segment_key()),
      book_(static_cast<std::uint32_t>(std::min(bytes_max, ring_bytes_max) / block_bytes)) {}

std::optional<Slot> Ring::claim(std::size_t bytes) {
    const std::uint32_t blocks = blocks_for(bytes);
    const std::lock_guard lock(mutex_);
    if (bytes == 0 || blocks > book_.blocks_max()) {
        return std::nullopt;
    }
    std::optional<std::uint32_t> first = book_.claim(blocks);
    while (!first && grow(blocks)) {
        first = book_.claim(blocks);
    }
    if (!first) {
        return std::nullopt;
    }
    return Slot(shared_from_this(), *first, segment_->slot(*first, blocks).first(bytes));
}

bool Ring::grow(std::uint32_t blocks) {
    if (book_.blocks() == book_.blocks_max()) {
        return false;
    }
    if (claims_without_growth_ > 0) {
        --claims_without_growth_;
        return false;
    }
    if (!segment_) {
        static_cast<void>(sweep());
        Result<OwnSegment> made = OwnSegment::create(name_, key_, book_.blocks_max());
        if (!made) {
            claims_without_growth_ = claims_before_growth;
            return false;
        }
        segment_.emplace(std::move(*made));
    }
    const std::uint32_t step = std::max({blocks, book_.blocks(), first_blocks});
    const std::uint32_t wanted =
        book_.blocks() + std::min(step, book_.blocks_max() - book_.blocks());
    if (!segment_->allocate(wanted)) {
        claims_without_growth_ = claims_before_growth;
        return false;
    }
    book_.grow(wanted);
    return true;
}

SharedBytes Ring::place(SharedBytes bytes) {
    if (bytes.size() < shared_body_min_bytes) {
        return bytes;
    }
    {
        const std::lock_guard lock(mutex_);
        if (segment_ && segment_->block_of(bytes.view().data())) {
            return bytes;
        }
    }
    std::optional<Slot> slot = claim(bytes.size());
    if (!slot) {
        return bytes;
    }
    std::memcpy(slot->bytes().data(), bytes.view().data(), bytes.size());
    return std::move(*slot).seal();
}

std::optional<SlotRef> Ring::lend(ByteView bytes) {
    const std::lock_guard lock(mutex_);
    const std::optional<std::uint32_t> block =
        segment_ ? segment_->block_of(bytes.data()) : std::nullopt;
    const std::optional<std::uint32_t> slot = block ? book_.slot_of(*block) : std::nullopt;
    // A reference names a slot from its beginning.
    if (!slot || segment_->slot(*slot, 1).data() != bytes.data()) {
        return std::nullopt;
    }
    return SlotRef{name_, *slot, book_.lend(*slot), bytes.size()};
}

void Ring::come_back(std::span<const SlotLoan> loans) {
    const std::lock_guard lock(mutex_);
    withdraw(book_.come_back(loans));
}

void Ring::begin_session(std::span<const SlotLoan> still_out, bool rest) {
    const std::lock_guard lock(mutex_);
    withdraw(book_.begin_session(still_out, rest));
}

void Ring::wake() {
    const std::lock_guard lock(mutex_);
    withdraw(book_.wake());
}

void Ring::withdraw(std::span<const std::uint32_t> slots) {
    for (const std::uint32_t slot : slots) {
        segment_->withdraw(slot);
    }
}

void Ring::let_go(std::uint32_t slot) {
    const std::lock_guard lock(mutex_);
    if (book_.let_go(slot)) {
        segment_->withdraw(slot);
    }
}

Ring::Usage Ring::usage() const {
    const std::lock_guard lock(mutex_);
    return {std::uint64_t{book_.blocks_used()} * block_bytes,
            std::uint64_t{book_.blocks_max()} * block_bytes};
}

}  // namespace penstock::shm
