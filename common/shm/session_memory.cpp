#include "common/shm/session_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace penstock::shm {
namespace {

// Segments of others that stay open: those of the producers that are busy now. One that is used
// again later is opened again.
constexpr std::size_t open_segments_max = 16;

constexpr std::byte missing_mark{};

SharedBytes missing() {
    return {nullptr, ByteView(&missing_mark, 1)};
}

}  // namespace

SessionMemory::SessionMemory(std::uint64_t ring_bytes, Read read)
    : domain_(ring_bytes == 0 ? std::string() : memory_domain()),
      ring_(Ring::create(ring_bytes)),
      read_(read),
      may_share_(!domain_.empty()) {}

std::optional<protocol::Memory> SessionMemory::offer() {
    end();
    if (domain_.empty()) {
        return std::nullopt;
    }
    return protocol::Memory{domain_, ring_->segment(), ++session_};
}

void SessionMemory::begin(const std::optional<std::vector<SlotLoan>>& lent) {
    is_open_ = lent.has_value();
    may_share_.store(is_open_, std::memory_order_relaxed);
    ring_->begin_session(lent.value_or(std::vector<SlotLoan>()));
}

void SessionMemory::end() {
    is_open_ = false;
}

std::optional<SlotRef> SessionMemory::lend(ByteView bytes) {
    return is_open_ ? ring_->lend(bytes) : std::nullopt;
}

Result<SharedBytes> SessionMemory::borrow(const SlotRef& ref) {
    const std::shared_ptr<ForeignSegment> found = segment(ref.segment);
    if (!found) {
        is_unreadable_ = true;
        return missing();
    }
    if (read_ == Read::copied) {
        return found->copy(ref).value_or(missing());
    }
    const std::optional<ByteView> bytes = found->find(ref);
    return bytes ? SharedBytes(found, *bytes) : missing();
}

bool SessionMemory::is_missing(const SharedBytes& bytes) {
    return bytes.view().data() == &missing_mark;
}

bool SessionMemory::take_unreadable() {
    return std::exchange(is_unreadable_, false);
}

void SessionMemory::keep_house() {
    std::erase_if(segments_, [](const std::shared_ptr<ForeignSegment>& segment) {
        return !segment->owner_lives();
    });
}

std::shared_ptr<ForeignSegment> SessionMemory::segment(const std::string& name) {
    const auto found = std::ranges::find(segments_, name, &ForeignSegment::name);
    if (found != segments_.end()) {
        segments_.splice(segments_.begin(), segments_, found);
        return segments_.front();
    }
    keep_house();
    Result<std::shared_ptr<ForeignSegment>> opened =
        ForeignSegment::open(name, ForeignSegment::Keep::no);
    if (!opened) {
        return nullptr;
    }
    segments_.push_front(std::move(*opened));
    if (segments_.size() > open_segments_max) {
        segments_.pop_back();
    }
    return segments_.front();
}

}  // namespace penstock::shm
