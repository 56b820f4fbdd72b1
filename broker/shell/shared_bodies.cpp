#include "broker/shell/shared_bodies.hpp"

#include <mutex>
#include <optional>

#include "common/telemetry/log.hpp"

namespace penstock::broker {

using shm::ForeignSegment;

struct SharedBodies::Owner {
    std::shared_ptr<ForeignSegment> segment;  // null until something of it is named
    shm::LoanBook loans;
    SessionId session = no_session;  // the present one
    std::uint64_t number = 0;        // of that session, by the owner's count
    // It named what could not be read. Nothing of it is believed any more.
    bool broken = false;
};

// What shares of borrowed bytes leave behind when they end, on whatever thread.
class SharedBodies::LetGo {
  public:
    struct Slot {
        std::string segment;
        std::uint32_t slot = 0;
        std::uint64_t generation = 0;
    };

    void push(Slot slot) {
        const std::lock_guard lock(mutex_);
        slots_.push_back(std::move(slot));
    }
    [[nodiscard]] std::vector<Slot> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(slots_, {});
    }

    // A copy of what a slot holds, by where the copy lies.
    struct Origin {
        std::weak_ptr<ForeignSegment> segment;  // results are kept for longer than workers live
        SlotRef ref;
    };
    void add_copy(const std::byte* copy, Origin origin) {
        const std::lock_guard lock(mutex_);
        origins_.insert_or_assign(copy, std::move(origin));
    }
    void forget_copy(const std::byte* copy) {
        const std::lock_guard lock(mutex_);
        origins_.erase(copy);
    }
    // The slot, if it still has the same bytes.
    [[nodiscard]] std::optional<SlotRef> origin_of(ByteView copy) const {
        const std::lock_guard lock(mutex_);
        const auto found = origins_.find(copy.data());
        if (found == origins_.end() || found->second.ref.length != copy.size()) {
            return std::nullopt;
        }
        const std::shared_ptr<ForeignSegment> segment = found->second.segment.lock();
        return segment && segment->holds(found->second.ref) ? std::optional(found->second.ref)
                                                            : std::nullopt;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<Slot> slots_;
    std::map<const std::byte*, Origin> origins_;
};

class SharedBodies::SessionRefs : public SlotRefs {
  public:
    SessionRefs(SharedBodies& all, SessionId session, std::string segment, Borrowed borrowed)
        : all_(all), session_(session), segment_(std::move(segment)), borrowed_(borrowed) {}

    std::optional<SlotRef> lend(ByteView bytes) override { return all_.find(bytes); }
    Result<SharedBytes> borrow(const SlotRef& ref) override {
        return all_.borrow(session_, segment_, ref, borrowed_);
    }
    [[nodiscard]] const std::string& segment() const { return segment_; }

  private:
    SharedBodies& all_;
    SessionId session_;
    std::string segment_;
    Borrowed borrowed_;
};

SharedBodies::SharedBodies(std::string domain)
    : domain_(std::move(domain)), let_go_(std::make_shared<LetGo>()) {}

SharedBodies::~SharedBodies() = default;

void SharedBodies::begin(SessionId session, const std::optional<protocol::Memory>& memory,
                         Borrowed borrowed) {
    end(session);
    if (domain_.empty() || !memory || memory->domain != domain_) {
        return;
    }
    Owner& owner = owners_[memory->segment];
    if (owner.broken || owner.number > memory->session) {
        return;
    }
    sessions_.erase(owner.session);  // an older one of the same owner
    owner.number = memory->session;
    owner.session = session;
    sessions_.emplace(session,
                      std::make_unique<SessionRefs>(*this, session, memory->segment, borrowed));
}

std::optional<std::vector<SlotLoan>> SharedBodies::lent(SessionId session) const {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) {
        return std::nullopt;
    }
    return owners_.at(found->second->segment()).loans.held();
}

void SharedBodies::end(SessionId session) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) {
        return;
    }
    Owner& owner = owners_.at(found->second->segment());
    if (owner.session == session) {
        owner.session = no_session;
    }
    sessions_.erase(found);
}

SlotRefs* SharedBodies::refs(SessionId session) {
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? nullptr : found->second.get();
}

Result<SharedBytes> SharedBodies::borrow(SessionId session, const std::string& segment,
                                         const SlotRef& ref, Borrowed borrowed) {
    // As if the session were over: its owner begins a new one and sends frames there.
    const auto refuse = [&](const char* why) {
        telemetry::debug("refused a body in shared memory session={} segment={} reason={}", session,
                         ref.segment, why);
        return fail(ErrorCode::no_session, std::string("a body in shared memory: ") + why);
    };
    Owner& owner = owners_.at(segment);
    if (ref.segment != segment || owner.session != session || owner.broken) {
        return refuse("it is not of this session");
    }
    if (!owner.segment) {
        Result<std::shared_ptr<ForeignSegment>> opened =
            ForeignSegment::open(segment, ForeignSegment::Keep::yes);
        if (!opened) {
            owner.broken = true;
            return refuse(opened.error().message.c_str());
        }
        owner.segment = std::move(*opened);
    }
    std::optional<SharedBytes> bytes;
    if (borrowed == Borrowed::copied) {
        bytes = owner.segment->copy(ref);
    } else if (const std::optional<ByteView> view = owner.segment->find(ref)) {
        bytes.emplace(owner.segment, *view);
    }
    if (!bytes) {
        owner.broken = true;
        return refuse("the slot has another generation");
    }
    owner.loans.borrow(ref.slot, ref.generation);
    borrowed_bytes_ += ref.length;
    LetGo::Slot slot{segment, ref.slot, ref.generation};
    if (borrowed == Borrowed::copied) {
        let_go_->push(std::move(slot));
        let_go_->add_copy(bytes->view().data(), {owner.segment, ref});
        std::shared_ptr<const void> share(
            bytes->view().data(), [bytes = *bytes, let_go = let_go_](const void* copy) {
                let_go->forget_copy(static_cast<const std::byte*>(copy));
            });
        return SharedBytes(std::move(share), bytes->view());
    }
    std::shared_ptr<const void> share(
        bytes->view().data(), [bytes = *bytes, let_go = let_go_,
                               slot = std::move(slot)](const void*) { let_go->push(slot); });
    return SharedBytes(std::move(share), bytes->view());
}

std::optional<SlotRef> SharedBodies::find(ByteView bytes) const {
    for (const auto& [name, owner] : owners_) {
        if (std::optional<SlotRef> ref =
                owner.segment ? owner.segment->ref_of(bytes) : std::nullopt) {
            return ref;
        }
    }
    return let_go_->origin_of(bytes);
}

std::vector<SharedBodies::Return> SharedBodies::take_returns() {
    std::vector<Return> returns;
    for (const LetGo::Slot& slot : let_go_->take()) {
        const auto found = owners_.find(slot.segment);
        if (found == owners_.end()) {
            continue;
        }
        Owner& owner = found->second;
        const std::optional<SlotLoan> loan = owner.loans.let_go(slot.slot, slot.generation);
        if (!loan || owner.session == no_session) {
            continue;  // or it is told with the next WELCOME
        }
        if (returns.empty() || returns.back().session != owner.session) {
            returns.push_back({owner.session, {}});
        }
        returns.back().slots.back.push_back(*loan);
    }
    return returns;
}

void SharedBodies::keep_house() {
    for (auto entry = owners_.begin(); entry != owners_.end();) {
        Owner& owner = entry->second;
        // One that was killed: its name must not outlive it for as long as silence is borne.
        if (owner.loans.empty() && owner.segment && !owner.segment->owner_lives()) {
            owner.segment.reset();
        }
        const bool is_over = owner.loans.empty() && owner.session == no_session;
        entry = is_over ? owners_.erase(entry) : std::next(entry);
    }
}

}  // namespace penstock::broker
