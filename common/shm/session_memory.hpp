// The memory that a client or worker shares with its broker, session by session: what it writes
// goes out of its ring, what it is sent is read out of the segments of others.
//
// A body that can no longer be read is no reason to refuse a whole message: borrow() gives a mark
// instead, and whoever decodes looks for it with is_missing().
//
// Thread rule: belongs to the thread that owns the socket; ring(), may_share() and is_current()
// any.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/model/ids.hpp"
#include "common/model/slot_ref.hpp"
#include "common/model/time.hpp"
#include "common/protocol/memory_messages.hpp"
#include "common/shm/ring.hpp"
#include "common/shm/segment.hpp"

namespace penstock::shm {

class SessionMemory : public SlotRefs {
  public:
    // Whether a body may be read where it lies. Only who knows that the slot is held for that long
    // may; others copy it out at once, and see whether it was still there.
    enum class Read : std::uint8_t { in_place, copied };

    // `ring_bytes`: at most that much for what is sent; 0: shares nothing.
    SessionMemory(std::uint64_t ring_bytes, Read read);

    // For HELLO or JOIN; counts the session. Nothing if there is no memory to share.
    [[nodiscard]] std::optional<protocol::Memory> offer();
    // WELCOME came; nothing is lent if no memory is shared. What a former broker was lent rests for
    // a while: a worker may still read it, until it hears that its lease is void.
    void begin(const std::optional<std::vector<SlotLoan>>& lent, Epoch epoch, TimePoint now);
    // The session is over; nothing may be named until the next WELCOME.
    void end();
    // SLOTS_FREE came.
    void come_back(const protocol::SlotsFree& slots) { ring_->come_back(slots.back); }
    // Closes the segments of those who are gone, and ends the rest of slots. Cheap; call it often.
    void keep_house(TimePoint now);

    [[nodiscard]] std::optional<SlotRef> lend(ByteView bytes) override;
    [[nodiscard]] Result<SharedBytes> borrow(const SlotRef& ref) override;
    [[nodiscard]] static bool is_missing(const SharedBytes& bytes);
    // References that have come since this was last asked, for SLOTS_READ.
    [[nodiscard]] std::uint64_t take_read();
    // True once after a segment that is there could not be opened: the broker must hear it
    // (NO_MEMORY).
    [[nodiscard]] bool take_unreadable();
    // False: these bytes were borrowed in place, and are not what they were.
    [[nodiscard]] bool is_current(ByteView bytes) const;

    [[nodiscard]] const std::shared_ptr<Ring>& ring() const { return ring_; }
    // Whether a body that is put into the ring may be sent from there: as far as is known.
    [[nodiscard]] bool may_share() const { return may_share_.load(std::memory_order_relaxed); }

  private:
    // What is read in place, by where it lies.
    struct InPlace {
        std::mutex mutex;
        std::map<const std::byte*, std::pair<std::shared_ptr<ForeignSegment>, SlotRef>> slots;
    };

    [[nodiscard]] std::shared_ptr<ForeignSegment> segment(const std::string& name);
    [[nodiscard]] SharedBytes in_place(std::shared_ptr<ForeignSegment> segment, const SlotRef& ref,
                                       ByteView bytes) const;

    const std::string domain_;
    const std::shared_ptr<Ring> ring_;
    const Read read_;
    const std::shared_ptr<InPlace> in_place_ = std::make_shared<InPlace>();
    std::uint64_t session_ = 0;
    Epoch epoch_;
    bool is_open_ = false;  // in a session that shares memory
    bool is_unreadable_ = false;
    std::uint64_t read_count_ = 0;
    std::optional<TimePoint> wake_at_;
    TimePoint next_look_;
    std::atomic<bool> may_share_;
    std::list<std::shared_ptr<ForeignSegment>> segments_;  // the last used first
};

}  // namespace penstock::shm
