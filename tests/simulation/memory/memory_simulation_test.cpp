// Shared memory under a hostile network: the real rings, the real books of broker, producers and
// workers, real bytes in /dev/shm; connections that break and whose last messages come late or
// never, brokers and owners that begin anew. What is read is never anything but what was sent, what
// is held does not change, and in the end no slot is in use.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "broker/shell/shared_bodies.hpp"
#include "common/shm/session_memory.hpp"
#include "tests/support/catch.hpp"

namespace penstock::simulation {
namespace {

using broker::SharedBodies;
using shm::SessionMemory;

constexpr std::size_t ring_blocks = 12;
constexpr int steps = 1'000;

SharedBytes filled(shm::Slot slot, unsigned char letter) {
    std::memset(slot.bytes().data(), letter, slot.bytes().size());
    return std::move(slot).seal();
}

// Compared with itself, one byte on: that is as fast as memory.
bool is_filled(const SharedBytes& bytes, unsigned char letter) {
    const std::byte* const first = bytes.view().data();
    return *first == std::byte{letter} && std::memcmp(first, first + 1, bytes.size() - 1) == 0;
}

// What travels. A body is a reference and what its bytes must be.
struct Begin {
    std::optional<protocol::Memory> memory;
};
struct Bring {
    SlotRef ref;
    unsigned char letter;
};
using ToBroker = std::variant<Begin, Bring, protocol::SlotsRead, protocol::NoMemory>;
struct Welcome {
    std::optional<std::vector<SlotLoan>> lent;
    Epoch epoch;
};
struct Show {
    SlotRef ref;
    unsigned char letter;
};
using FromBroker = std::variant<Welcome, protocol::SlotsFree, Show>;

struct Connection {
    broker::SessionId session;
    std::deque<ToBroker> up;
    std::deque<FromBroker> down;
};

// A producer or a worker: it puts bodies into its ring and reads those of others.
struct Party {
    std::unique_ptr<SessionMemory> memory;
    SessionMemory::Read read;
    SharedBodies::Borrowed borrowed;
    std::shared_ptr<Connection> connection;
    std::vector<std::pair<SharedBytes, unsigned char>> own;
};

class World {
  public:
    explicit World(unsigned seed) : random_(seed) {
        add(SessionMemory::Read::copied, SharedBodies::Borrowed::held);
        add(SessionMemory::Read::copied, SharedBodies::Borrowed::held);
        add(SessionMemory::Read::in_place, SharedBodies::Borrowed::copied);
    }

    void step() {
        Party& party = parties_[below(parties_.size())];
        // Faults are rare enough that something gets under way between two of them.
        if (below(40) == 0) {
            fault(party);
            return;
        }
        now_ += std::chrono::milliseconds(20);
        if (below(25) == 0) {
            broker_->keep_house();
        }
        party.memory->keep_house(now_);
        switch (below(10)) {
            case 0: put(party); break;
            case 1: bring(party); break;
            case 2: let_go_own(party); break;
            case 3: drop_held(); break;
            case 4: show(party); break;
            case 5: return_slots(); break;
            case 6: late_delivery(); break;
            case 7:
            case 8: deliver_up(party.connection); break;
            default: deliver_down(party); break;
        }
    }

    // Faults stop and everything is let go; then nothing may be in use.
    void settle() {
        for (const std::shared_ptr<Connection>& connection : late_) {
            broker_->end(connection->session);
        }
        for (Party& party : parties_) {
            party.own.clear();
        }
        held_.clear();
        for (int round = 0; round < 5; ++round) {
            now_ += std::chrono::hours(1);
            broker_->keep_house();
            for (Party& party : parties_) {
                while (!party.connection->up.empty()) {
                    deliver_up(party.connection);
                }
            }
            held_.clear();
            return_slots();
            for (Party& party : parties_) {
                while (!party.connection->down.empty()) {
                    deliver_down(party);
                }
                party.memory->keep_house(now_);
            }
        }
        for (const Party& party : parties_) {
            CHECK(party.memory->ring()->usage().used_bytes == 0);
        }
    }

    std::size_t read = 0;  // bodies that were really read somewhere

  private:
    std::size_t below(std::size_t n) { return random_() % n; }

    void add(SessionMemory::Read read_how, SharedBodies::Borrowed borrowed) {
        Party party;
        party.read = read_how;
        party.borrowed = borrowed;
        party.memory = std::make_unique<SessionMemory>(ring_blocks * shm::block_bytes, read_how);
        parties_.push_back(std::move(party));
        connect(parties_.back());
    }

    void connect(Party& party) {
        party.connection = std::make_shared<Connection>();
        party.connection->session = ++last_session_;
        connections_[last_session_] = party.connection;
        party.connection->up.push_back(Begin{party.memory->offer()});
    }

    void fault(Party& party) {
        switch (below(6)) {
            case 0: restart_broker(); break;
            case 1: restart(party); break;
            default: break_connection(party); break;
        }
    }

    // What is on its way down is lost; what goes up may come late, or never.
    void break_connection(Party& party) {
        if (below(2) == 0) {
            party.connection->up.clear();
        }
        late_.push_back(party.connection);
        connections_.erase(party.connection->session);
        connect(party);
    }

    void late_delivery() {
        if (late_.empty()) {
            return;
        }
        const std::size_t which = below(late_.size());
        if (late_[which]->up.empty()) {
            broker_->end(late_[which]->session);
            late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(which));
            return;
        }
        deliver_up(late_[which]);
    }

    void restart_broker() {
        held_.clear();
        late_.clear();
        connections_.clear();
        broker_ = std::make_unique<SharedBodies>(shm::memory_domain());
        ++epoch_.value;
        for (Party& party : parties_) {
            connect(party);
        }
    }

    void restart(Party& party) {
        party.own.clear();
        late_.push_back(party.connection);
        connections_.erase(party.connection->session);
        party.memory = std::make_unique<SessionMemory>(ring_blocks * shm::block_bytes, party.read);
        connect(party);
    }

    void put(Party& party) {
        if (!party.memory->may_share()) {
            return;
        }
        const std::size_t bytes = (1 + below(3)) * shm::block_bytes - below(1000);
        if (auto slot = party.memory->ring()->claim(bytes)) {
            const auto letter = static_cast<unsigned char>(++letters_ % 255 + 1);
            party.own.emplace_back(filled(std::move(*slot), letter), letter);
        }
    }

    void let_go_own(Party& party) {
        if (!party.own.empty()) {
            const std::size_t which = below(party.own.size());
            CHECK(is_filled(party.own[which].first, party.own[which].second));
            party.own.erase(party.own.begin() + static_cast<std::ptrdiff_t>(which));
        }
    }

    // Also again what was sent before, as after a reconnect.
    void bring(Party& party) {
        if (!party.own.empty()) {
            const auto& [bytes, letter] = party.own[below(party.own.size())];
            for (std::size_t times = 1 + below(2); times > 0; --times) {
                if (const auto ref = party.memory->lend(bytes.view())) {
                    party.connection->up.push_back(Bring{*ref, letter});
                }
            }
        }
    }

    void drop_held() {
        if (!held_.empty()) {
            const std::size_t which = below(held_.size());
            CHECK(is_filled(held_[which].first, held_[which].second));
            held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(which));
        }
    }

    // Only what the broker holds is named to others.
    void show(Party& party) {
        if (!held_.empty()) {
            const auto& [bytes, letter] = held_[below(held_.size())];
            SlotRefs& refs = broker_->refs(party.connection->session);
            if (const auto ref = refs.lend(bytes.view())) {
                party.connection->down.push_back(Show{*ref, letter});
            }
        }
    }

    void return_slots() {
        for (SharedBodies::Return& returned : broker_->take_returns()) {
            const auto found = connections_.find(returned.session);
            if (found != connections_.end()) {
                found->second->down.push_back(std::move(returned.slots));
            }
        }
    }

    void deliver_up(const std::shared_ptr<Connection>& connection) {
        if (connection->up.empty()) {
            return;
        }
        const ToBroker message = connection->up.front();
        connection->up.pop_front();
        if (const auto* begin = std::get_if<Begin>(&message)) {
            broker_->begin(connection->session, begin->memory, borrowed_by(connection));
            connection->down.push_back(Welcome{broker_->lent(connection->session), epoch_});
            return;
        }
        if (const auto* slots = std::get_if<protocol::SlotsRead>(&message)) {
            broker_->read(connection->session, slots->count);
            return;
        }
        if (std::holds_alternative<protocol::NoMemory>(message)) {
            broker_->send_frames_to(connection->session);
            return;
        }
        const auto& bring = std::get<Bring>(message);
        Result<SharedBytes> bytes = broker_->refs(connection->session).borrow(bring.ref);
        if (bytes) {
            CHECK(is_filled(*bytes, bring.letter));
            held_.emplace_back(std::move(*bytes), bring.letter);
            ++read;
        }
    }

    SharedBodies::Borrowed borrowed_by(const std::shared_ptr<Connection>& connection) const {
        for (const Party& party : parties_) {
            if (party.connection == connection) {
                return party.borrowed;
            }
        }
        return SharedBodies::Borrowed::held;  // nobody reads the answer
    }

    void deliver_down(Party& party) {
        if (party.connection->down.empty()) {
            return;
        }
        const FromBroker message = party.connection->down.front();
        party.connection->down.pop_front();
        if (const auto* welcome = std::get_if<Welcome>(&message)) {
            party.memory->begin(welcome->lent, welcome->epoch, now_);
        } else if (const auto* slots = std::get_if<protocol::SlotsFree>(&message)) {
            party.memory->come_back(*slots);
        } else if (const auto& shown = std::get<Show>(message); true) {
            const SharedBytes bytes = party.memory->borrow(shown.ref).value();
            if (!SessionMemory::is_missing(bytes)) {
                CHECK(is_filled(bytes, shown.letter));
                ++read;
            }
            if (const std::uint64_t count = party.memory->take_read();
                party.read == SessionMemory::Read::copied) {
                party.connection->up.push_back(protocol::SlotsRead{count});
            }
            if (party.memory->take_unreadable()) {
                party.connection->up.push_back(protocol::NoMemory{});
            }
        }
    }

    std::mt19937 random_;
    std::unique_ptr<SharedBodies> broker_ = std::make_unique<SharedBodies>(shm::memory_domain());
    std::deque<Party> parties_;
    std::map<broker::SessionId, std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<Connection>> late_;  // broken, and the broker has not heard of it
    std::vector<std::pair<SharedBytes, unsigned char>> held_;  // by the broker
    broker::SessionId last_session_ = broker::no_session;
    unsigned letters_ = 0;
    Epoch epoch_{1};
    TimePoint now_;
};

TEST_CASE("whatever breaks, no body is read for another, and no slot stays in use") {
    const bool is_long = std::getenv("PENSTOCK_TEST_LONG") != nullptr;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    constexpr unsigned short_form = 50;
#else
    constexpr unsigned short_form = 200;
#endif
    const unsigned seeds = is_long ? 20'000 : short_form;
    std::size_t read = 0;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        INFO("seed " << seed);
        World world(seed);
        for (int step = 0; step < steps; ++step) {
            world.step();
        }
        world.settle();
        read += world.read;
    }
    // Nearly every seed gets somewhere.
    CHECK(read > std::size_t{10} * seeds);
    WARN(read << " bodies read in " << seeds << " seeds of " << steps << " steps");
}

}  // namespace
}  // namespace penstock::simulation
