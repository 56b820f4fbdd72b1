#include "broker/shell/shared_bodies.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

#include "common/telemetry/log.hpp"

namespace penstock::broker {

using shm::ForeignSegment;

namespace {

// References on their way to one reader, at most; the next results go to it in frames.
constexpr std::size_t unread_max = 4096;

// Keeps a slot from being written over.
using Hold = std::shared_ptr<const void>;

class NothingShared : public SlotRefs {
  public:
    std::optional<SlotRef> lend(ByteView /*bytes*/) override { return std::nullopt; }
    Result<SharedBytes> borrow(const SlotRef& /*ref*/) override {
        return fail(ErrorCode::no_session, "no memory is shared in this session");
    }
};

}  // namespace

struct SharedBodies::Owner {
    std::shared_ptr<ForeignSegment> segment;  // null until something of it is named
    shm::LoanBook loans;
    SessionId session = no_session;  // the present one
    std::uint64_t number = 0;        // of that session, by the owner's count
    std::uint64_t key = 0;
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

    void push(const Slot& slot) {
        const std::lock_guard lock(slots_mutex_);
        slots_.push_back(slot);
    }
    [[nodiscard]] std::vector<Slot> take() {
        const std::lock_guard lock(slots_mutex_);
        return std::exchange(slots_, {});
    }

    void add_copy(const std::byte* copy, const SlotRef& ref, Hold hold) {
        const std::lock_guard lock(origins_mutex_);
        origins_.insert_or_assign(copy, Origin{ref, hold, hold, 0});
    }
    void forget_copy(const std::byte* copy) {
        const std::lock_guard lock(origins_mutex_);
        origins_.erase(copy);
    }
    // The slot that has the same bytes, and what keeps it so; nothing if it is given up.
    [[nodiscard]] std::optional<std::pair<SlotRef, Hold>> origin_of(ByteView copy) {
        const std::lock_guard lock(origins_mutex_);
        const auto found = origins_.find(copy.data());
        if (found == origins_.end() || found->second.ref.length != copy.size()) {
            return std::nullopt;
        }
        Hold hold = found->second.hold.lock();
        found->second.unasked.reset();
        return hold ? std::optional(std::pair(found->second.ref, std::move(hold))) : std::nullopt;
    }
    // Results whose producer is somewhere else, or asks later, do not keep their slots.
    void give_up_unasked() {
        constexpr int looks_max = 2;
        const std::lock_guard lock(origins_mutex_);
        for (auto& [copy, origin] : origins_) {
            if (origin.unasked && ++origin.looks > looks_max) {
                origin.unasked.reset();
            }
        }
    }

  private:
    // Of a copy.
    struct Origin {
        SlotRef ref;
        std::weak_ptr<const void> hold;
        Hold unasked;  // until somebody has had time to ask
        int looks = 0;
    };

    // The end of a hold takes the first one, and may come under the second.
    std::mutex slots_mutex_;
    std::vector<Slot> slots_;
    std::mutex origins_mutex_;
    std::map<const std::byte*, Origin> origins_;
};

class SharedBodies::SessionRefs : public SlotRefs {
  public:
    SessionRefs(SharedBodies& bodies, SessionId number, std::string name, Borrowed how)
        : all(bodies), session(number), segment(std::move(name)), borrowed(how) {}

    std::optional<SlotRef> lend(ByteView bytes) override {
        return only_frames ? std::nullopt : all.find(bytes, *this);
    }
    Result<SharedBytes> borrow(const SlotRef& ref) override { return all.borrow(*this, ref); }

    SharedBodies& all;
    const SessionId session;
    const std::string segment;
    const Borrowed borrowed;
    bool only_frames = false;
    std::deque<Hold> unread;  // of the references that it was sent, in order
};

SharedBodies::SharedBodies(std::string domain)
    : domain_(std::move(domain)),
      nothing_shared_(std::make_unique<NothingShared>()),
      let_go_(std::make_shared<LetGo>()) {}

SharedBodies::~SharedBodies() = default;

void SharedBodies::begin(SessionId session, const std::optional<protocol::Memory>& memory,
                         Borrowed borrowed) {
    end(session);
    if (domain_.empty() || !memory || memory->domain != domain_) {
        return;
    }
    Owner& owner = owners_[memory->segment];
    const bool is_new = owner.number == 0 && !owner.segment;
    if (owner.broken || owner.number > memory->session || (!is_new && owner.key != memory->key)) {
        return;
    }
    sessions_.erase(owner.session);  // an older one of the same owner
    owner.number = memory->session;
    owner.key = memory->key;
    owner.session = session;
    sessions_.emplace(session,
                      std::make_unique<SessionRefs>(*this, session, memory->segment, borrowed));
}

std::optional<std::vector<SlotLoan>> SharedBodies::lent(SessionId session) const {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) {
        return std::nullopt;
    }
    return owners_.at(found->second->segment).loans.held();
}

void SharedBodies::read(SessionId session, std::uint64_t count) {
    const auto found = sessions_.find(session);
    if (found != sessions_.end()) {
        std::deque<Hold>& unread = found->second->unread;
        const auto read =
            static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, unread.size()));
        unread.erase(unread.begin(), unread.begin() + read);
    }
}

void SharedBodies::send_frames_to(SessionId session) {
    const auto found = sessions_.find(session);
    if (found != sessions_.end()) {
        found->second->only_frames = true;
    }
}

void SharedBodies::end(SessionId session) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) {
        return;
    }
    Owner& owner = owners_.at(found->second->segment);
    if (owner.session == session) {
        owner.session = no_session;
    }
    sessions_.erase(found);
}

SlotRefs& SharedBodies::refs(SessionId session) {
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? *nothing_shared_ : *found->second;
}

Result<void> SharedBodies::open(Owner& owner, const std::string& segment) {
    if (owner.segment) {
        return {};
    }
    Result<std::shared_ptr<ForeignSegment>> opened =
        ForeignSegment::open(segment, ForeignSegment::Keep::yes);
    if (!opened) {
        return tl::unexpected(std::move(opened.error()));
    }
    // Only who can read the segment knows its key: nobody names the bodies of another user.
    if ((*opened)->key() != owner.key) {
        return fail(ErrorCode::malformed, "the segment has another key");
    }
    owner.segment = std::move(*opened);
    return {};
}

Result<SharedBytes> SharedBodies::borrow(const SessionRefs& session, const SlotRef& ref) {
    // As if the session were over: its owner begins a new one and sends frames there.
    const auto refuse = [&](const std::string& why) {
        telemetry::debug("refused a body in shared memory session={} segment={} reason={}",
                         session.session, ref.segment, why);
        return fail(ErrorCode::no_session, "a body in shared memory: " + why);
    };
    Owner& owner = owners_.at(session.segment);
    if (ref.segment != session.segment || owner.broken) {
        return refuse("it is not of this session");
    }
    if (const Result<void> opened = open(owner, session.segment); !opened) {
        owner.broken = true;
        return refuse(opened.error().message);
    }
    std::optional<SharedBytes> bytes;
    if (session.borrowed == Borrowed::copied) {
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
    const std::byte* const first = bytes->view().data();
    const ByteView view = bytes->view();
    // Its end is the end of the loan. It lets go of the segment itself: a weak pointer to it, such
    // as that of a result that is kept, keeps what is captured.
    Hold hold(first, [let_go = let_go_, slot = LetGo::Slot{ref.segment, ref.slot, ref.generation},
                      segment = owner.segment](const void*) mutable {
        segment.reset();
        let_go->push(slot);
    });
    if (session.borrowed == Borrowed::held) {
        return SharedBytes(std::move(hold), view);
    }
    let_go_->add_copy(first, ref, std::move(hold));
    Hold share(first, [copy = *std::move(bytes), let_go = let_go_](const void* address) {
        let_go->forget_copy(static_cast<const std::byte*>(address));
    });
    return SharedBytes(std::move(share), view);
}

std::optional<SlotRef> SharedBodies::find(ByteView bytes, SessionRefs& reader) const {
    for (const auto& [name, owner] : owners_) {
        if (std::optional<SlotRef> ref =
                owner.segment ? owner.segment->ref_of(bytes) : std::nullopt) {
            if (reader.borrowed == Borrowed::held) {
                reader.unread.emplace_back();  // it counts all references
            }
            return ref;
        }
    }
    // Results are for producers.
    if (reader.borrowed == Borrowed::copied || reader.unread.size() >= unread_max) {
        return std::nullopt;
    }
    std::optional<std::pair<SlotRef, Hold>> origin = let_go_->origin_of(bytes);
    if (!origin) {
        return std::nullopt;
    }
    reader.unread.push_back(std::move(origin->second));
    return std::move(origin->first);
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
    let_go_->give_up_unasked();
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
