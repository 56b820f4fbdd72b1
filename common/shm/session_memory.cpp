#include "common/shm/session_memory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace penstock::shm {
namespace {

// Segments of others that stay open: those of all producers or workers that are busy now. One that
// is used again later is opened again.
constexpr std::size_t open_segments_max = 256;
// How often it is looked whether their owners live.
constexpr std::chrono::seconds look_every{1};
// Longer than a worker takes to hear that the broker is another one, and lets work for the former
// one go on (liveness and SessionSettings::void_grace).
constexpr std::chrono::seconds rest_for{15};

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
    return protocol::Memory{domain_, ring_->segment(), ring_->key(), ++session_};
}

void SessionMemory::begin(const std::optional<std::vector<SlotLoan>>& lent, Epoch epoch,
                          TimePoint now) {
    is_open_ = lent.has_value();
    may_share_.store(is_open_, std::memory_order_relaxed);
    const bool is_another_broker = epoch_ != Epoch{} && epoch != epoch_;
    epoch_ = epoch;
    read_count_ = 0;
    if (is_another_broker) {
        wake_at_ = now + rest_for;
    }
    ring_->begin_session(lent.value_or(std::vector<SlotLoan>()), is_another_broker);
}

void SessionMemory::end() {
    is_open_ = false;
}

void SessionMemory::keep_house(TimePoint now) {
    if (now < next_look_) {
        return;
    }
    next_look_ = now + look_every;
    std::erase_if(segments_, [](const std::shared_ptr<ForeignSegment>& segment) {
        return !segment->owner_lives();
    });
    if (wake_at_ && now >= *wake_at_) {
        wake_at_.reset();
        ring_->wake();
    }
}

std::optional<SlotRef> SessionMemory::lend(ByteView bytes) {
    return is_open_ ? ring_->lend(bytes) : std::nullopt;
}

Result<SharedBytes> SessionMemory::borrow(const SlotRef& ref) {
    ++read_count_;
    const std::shared_ptr<ForeignSegment> found = segment(ref.segment);
    if (!found) {
        return missing();
    }
    if (read_ == Read::copied) {
        return found->copy(ref).value_or(missing());
    }
    const std::optional<ByteView> bytes = found->find(ref);
    return bytes ? in_place(found, ref, *bytes) : missing();
}

SharedBytes SessionMemory::in_place(std::shared_ptr<ForeignSegment> segment, const SlotRef& ref,
                                    ByteView bytes) const {
    {
        const std::lock_guard lock(in_place_->mutex);
        in_place_->slots.insert_or_assign(bytes.data(), std::pair(segment, ref));
    }
    // The entry is as good as the last share of these bytes; one of an older loan of the same slot
    // that ends later takes it away, and then nothing is said against them.
    std::shared_ptr<const void> owner(
        bytes.data(), [in_place = in_place_, segment = std::move(segment), ref](const void* first) {
            const std::lock_guard lock(in_place->mutex);
            const auto entry = in_place->slots.find(static_cast<const std::byte*>(first));
            if (entry != in_place->slots.end() && entry->second.second == ref) {
                in_place->slots.erase(entry);
            }
        });
    return {std::move(owner), bytes};
}

bool SessionMemory::is_current(ByteView bytes) const {
    const std::lock_guard lock(in_place_->mutex);
    const auto found = in_place_->slots.find(bytes.data());
    return found == in_place_->slots.end() || found->second.first->holds(found->second.second);
}

bool SessionMemory::is_missing(const SharedBytes& bytes) {
    return bytes.view().data() == &missing_mark;
}

std::uint64_t SessionMemory::take_read() {
    return std::exchange(read_count_, 0);
}

bool SessionMemory::take_unreadable() {
    return std::exchange(is_unreadable_, false);
}

std::shared_ptr<ForeignSegment> SessionMemory::segment(const std::string& name) {
    const auto found = std::ranges::find(segments_, name, &ForeignSegment::name);
    if (found != segments_.end()) {
        segments_.splice(segments_.begin(), segments_, found);
        return segments_.front();
    }
    Result<std::shared_ptr<ForeignSegment>> opened =
        ForeignSegment::open(name, ForeignSegment::Keep::no);
    if (!opened) {
        // One whose owner is gone says nothing about the others, where a result is asked for again.
        // What a worker is sent is kept open by the broker, name and all.
        is_unreadable_ = is_unreadable_ || read_ == Read::in_place ||
                         opened.error().code != ErrorCode::not_found;
        return nullptr;
    }
    segments_.push_front(std::move(*opened));
    if (segments_.size() > open_segments_max) {
        segments_.pop_back();
    }
    return segments_.front();
}

}  // namespace penstock::shm
