// Bodies in the memory of producers and workers on this host: what the broker has been lent, whom
// it may pass a reference on to, and what goes back.
//
// A payload of a task stays in its slot and is read by the worker there; the broker holds it as
// long as it needs the task's body, so the bytes outlive their producer. A payload of a result is
// copied once, since results are kept long and slots are few; a producer of this host reads it from
// its slot, which is held until it says so (SLOTS_READ).
//
// Thread rule: belongs to the loop's thread; what borrow() gave may be let go on any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/core/task.hpp"
#include "common/model/slot_ref.hpp"
#include "common/model/time.hpp"
#include "common/protocol/memory_messages.hpp"
#include "common/shm/loan_book.hpp"
#include "common/shm/segment.hpp"

namespace penstock::broker {

class SharedBodies {
  public:
    // What becomes of a body that is read from a slot.
    enum class Borrowed : std::uint8_t { held, copied };

    // `domain`: memory_domain(), or empty to share no memory.
    explicit SharedBodies(std::string domain);
    ~SharedBodies();

    // A session begins, and tells what it shares, if anything. From here on no other one speaks for
    // the segment.
    void begin(SessionId session, const std::optional<protocol::Memory>& memory, Borrowed borrowed);
    // What its WELCOME says; nothing if no memory is shared.
    [[nodiscard]] std::optional<std::vector<SlotLoan>> lent(SessionId session) const;
    // It has read so many of the references that it was sent in results.
    void read(SessionId session, std::uint64_t count);
    // It cannot read memory here: it is sent frames from now on.
    void send_frames_to(SessionId session);
    void end(SessionId session);
    // For the messages of this session. Where no memory is shared, nothing is lent, and who names
    // bodies all the same is told that there is no session.
    [[nodiscard]] SlotRefs& refs(SessionId session);

    // What has been let go since, to be told to the owners.
    struct Return {
        SessionId session = no_session;
        protocol::SlotsFree slots;
    };
    [[nodiscard]] std::vector<Return> take_returns();
    // What has been borrowed so far, in all.
    [[nodiscard]] std::uint64_t borrowed_bytes() const { return borrowed_bytes_; }
    // Closes segments that nobody needs any more, and gives up results that nobody asks for. Call
    // it about twice a second.
    void keep_house();

  private:
    struct Owner;
    class SessionRefs;
    class LetGo;

    [[nodiscard]] Result<SharedBytes> borrow(const SessionRefs& session, const SlotRef& ref);
    [[nodiscard]] Result<void> open(Owner& owner, const std::string& segment);
    [[nodiscard]] std::optional<SlotRef> find(ByteView bytes, SessionRefs& reader) const;

    const std::string domain_;
    // By segment. Invariant: a session is in `sessions_` if it is the present one of its owner.
    std::map<std::string, Owner> owners_;
    std::unordered_map<SessionId, std::unique_ptr<SessionRefs>> sessions_;
    std::unique_ptr<SlotRefs> nothing_shared_;
    std::shared_ptr<LetGo> let_go_;
    std::uint64_t borrowed_bytes_ = 0;
};

}  // namespace penstock::broker
