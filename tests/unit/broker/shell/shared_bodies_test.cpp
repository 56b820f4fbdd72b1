#include "broker/shell/shared_bodies.hpp"

#include <cstring>
#include <filesystem>
#include <string>

#include "common/shm/session_memory.hpp"
#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

using shm::SessionMemory;
using Borrowed = SharedBodies::Borrowed;

constexpr SessionId producer = 1;
constexpr SessionId worker = 2;
constexpr SessionId stranger = 3;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

// A producer or worker as the broker sees it.
struct SharingPeer {
    SessionMemory memory{8 * mebibyte, SessionMemory::Read::copied};
    SharedBodies& broker;
    SessionId session;
    Borrowed borrowed;

    SharingPeer(SharedBodies& shared, SessionId number, Borrowed how)
        : broker(shared), session(number), borrowed(how) {
        join();
    }
    void join() {
        broker.begin(session, memory.offer(), borrowed);
        memory.begin(broker.lent(session), Epoch{1}, {});
    }
    SharedBytes put(char letter, std::size_t bytes = 200'000) {
        shm::Slot slot = memory.ring()->claim(bytes).value();
        std::memset(slot.bytes().data(), letter, bytes);
        return std::move(slot).seal();
    }
    // What its message brings to the broker.
    SharedBytes send(const SharedBytes& bytes) {
        return broker.refs(session).borrow(memory.lend(bytes.view()).value()).value();
    }
    [[nodiscard]] std::uint64_t used() const { return memory.ring()->usage().used_bytes; }
};

struct SharingHouse {
    SharedBodies broker{shm::memory_domain()};
    SharingPeer client{broker, producer, Borrowed::held};
    SharingPeer slots{broker, worker, Borrowed::copied};

    // What the broker's messages to this peer say.
    void give_back(SharingPeer& peer) {
        for (const SharedBodies::Return& returned : broker.take_returns()) {
            REQUIRE(returned.session == peer.session);
            peer.memory.come_back(returned.slots);
        }
    }
};

TEST_CASE("a payload lies in its producer's slot as long as the broker holds it") {
    SharingHouse house;
    SharedBytes theirs = house.client.put('a');
    SharedBytes ours = house.client.send(theirs);
    CHECK(ours == theirs);
    theirs = {};
    house.give_back(house.client);
    CHECK(house.client.used() > 0);
    // To a worker of this host it is only named, and read there.
    const SlotRef ref = house.broker.refs(worker).lend(ours.view()).value();
    CHECK(house.slots.memory.borrow(ref).value() == ours);
    ours = {};
    house.give_back(house.client);
    CHECK(house.client.used() == 0);
    CHECK(house.broker.take_returns().empty());
}

TEST_CASE("a reference that comes twice goes back once, with both") {
    SharingHouse house;
    SharedBytes theirs = house.client.put('a');
    SharedBytes first = house.client.send(theirs);
    SharedBytes second = house.client.send(theirs);
    theirs = {};
    first = {};
    house.give_back(house.client);
    CHECK(house.client.used() > 0);
    second = {};
    house.give_back(house.client);
    CHECK(house.client.used() == 0);
}

TEST_CASE("a result is copied, and named to a producer of this host") {
    SharingHouse house;
    SharedBytes theirs = house.slots.put('r');
    const SharedBytes ours = house.slots.send(theirs);
    CHECK(ours == theirs);
    CHECK(ours.view().data() != theirs.view().data());
    const SlotRef ref = house.broker.refs(producer).lend(ours.view()).value();
    CHECK(house.client.memory.borrow(ref).value() == ours);
    house.broker.read(producer, 1);
    theirs = {};
    house.give_back(house.slots);
    CHECK(house.slots.used() == 0);
    CHECK_FALSE(house.broker.refs(producer).lend(ours.view()));
    CHECK(as_text(ours.view()) == std::string(200'000, 'r'));
    CHECK(SessionMemory::is_missing(house.client.memory.borrow(ref).value()));
}

TEST_CASE("a producer that comes back hears what is still out") {
    SharingHouse house;
    SharedBytes kept = house.client.put('k');
    SharedBytes lost = house.client.put('l');
    SharedBytes ours = house.client.send(kept);
    static_cast<void>(house.client.memory.lend(lost.view()));  // in a message that never arrived
    kept = lost = {};
    CHECK(house.client.used() > 300'000);
    house.broker.end(producer);
    house.client.session = stranger;
    house.client.join();
    CHECK(house.client.used() < 300'000);
    ours = {};
    house.give_back(house.client);
    CHECK(house.client.used() == 0);
}

TEST_CASE("what was let go between two sessions is not out in the second") {
    SharingHouse house;
    SharedBytes theirs = house.client.put('a');
    SharedBytes ours = house.client.send(theirs);
    theirs = {};
    house.broker.end(producer);
    ours = {};
    CHECK(house.broker.take_returns().empty());
    house.client.join();
    CHECK(house.client.used() == 0);
}

TEST_CASE("an older session of the same segment speaks for it no more") {
    SharingHouse house;
    const SharedBytes theirs = house.client.put('a');
    const SlotRef ref = house.client.memory.lend(theirs.view()).value();
    const auto memory = house.client.memory.offer();
    house.broker.begin(stranger, memory, Borrowed::held);
    CHECK(house.broker.refs(producer).borrow(ref).error().code == ErrorCode::no_session);
    CHECK(house.broker.refs(stranger).borrow(ref).value() == theirs);
    // Not even by beginning again.
    house.broker.begin(producer, protocol::Memory{memory->domain, memory->segment, memory->key, 1},
                       Borrowed::held);
    CHECK(house.broker.refs(producer).borrow(ref).error().code == ErrorCode::no_session);
    CHECK_FALSE(house.broker.lent(producer));
}

TEST_CASE("nobody names bodies in the segment of another") {
    SharingHouse house;
    const SharedBytes theirs = house.client.put('a');
    const SlotRef ref = house.client.memory.lend(theirs.view()).value();
    CHECK(house.broker.refs(worker).borrow(ref).error().code == ErrorCode::no_session);
    CHECK(house.broker.refs(producer).borrow(ref).has_value());
}

TEST_CASE("who names what is not there shares no memory from then on") {
    SharingHouse house;
    const SharedBytes theirs = house.client.put('a');
    SlotRef ref = house.client.memory.lend(theirs.view()).value();
    ++ref.generation;
    CHECK(house.broker.refs(producer).borrow(ref).error().code == ErrorCode::no_session);
    --ref.generation;
    CHECK(house.broker.refs(producer).borrow(ref).error().code == ErrorCode::no_session);
    house.client.join();
    CHECK_FALSE(house.broker.lent(producer));
    CHECK_FALSE(house.client.memory.may_share());
}

TEST_CASE("peers of another domain, and a broker that shares none, get frames") {
    SharedBodies broker(shm::memory_domain());
    broker.begin(producer, protocol::Memory{"elsewhere", "penstock-0123456789abcdef", 7, 1},
                 Borrowed::held);
    CHECK_FALSE(broker.lent(producer));
    broker.begin(producer, std::nullopt, Borrowed::held);
    CHECK_FALSE(broker.lent(producer));
    SharedBodies off{std::string()};
    off.begin(producer, protocol::Memory{"", "penstock-0123456789abcdef", 7, 1}, Borrowed::held);
    CHECK_FALSE(off.lent(producer));
}

TEST_CASE("who cannot read gets frames, and still names what it sends") {
    SharingHouse house;
    const SharedBytes payload = house.client.send(house.client.put('a'));
    CHECK(house.broker.refs(worker).lend(payload.view()));
    house.broker.send_frames_to(worker);
    CHECK_FALSE(house.broker.refs(worker).lend(payload.view()));
    SharedBytes result = house.slots.put('r');
    CHECK(house.slots.send(result) == result);
}

TEST_CASE("a result's slot is held until its producer has read it, or is gone") {
    SharingHouse house;
    const auto show = [&](char letter) {
        const SharedBytes kept = house.slots.send(house.slots.put(letter));
        return house.broker.refs(producer).lend(kept.view()).value();
    };
    const SlotRef first = show('1');
    const SlotRef second = show('2');
    house.give_back(house.slots);
    CHECK(house.slots.used() > 300'000);
    CHECK(house.client.memory.borrow(first).has_value());
    house.broker.read(producer, house.client.memory.take_read());
    house.give_back(house.slots);
    CHECK(house.slots.used() < 300'000);
    CHECK_FALSE(SessionMemory::is_missing(house.client.memory.borrow(second).value()));
    house.broker.end(producer);
    house.give_back(house.slots);
    CHECK(house.slots.used() == 0);
    // More than there are is all of them.
    house.client.join();
    static_cast<void>(show('3'));
    house.broker.read(producer, 1'000'000);
    house.give_back(house.slots);
    CHECK(house.slots.used() == 0);
}

TEST_CASE("a result that nobody asks for gives up its slot") {
    SharingHouse house;
    const SharedBytes kept = house.slots.send(house.slots.put('r'));
    for (int look = 0; look < 2; ++look) {
        house.broker.keep_house();
    }
    house.give_back(house.slots);
    CHECK(house.slots.used() > 0);
    house.broker.keep_house();
    house.give_back(house.slots);
    CHECK(house.slots.used() == 0);
    CHECK_FALSE(house.broker.refs(producer).lend(kept.view()));
}

TEST_CASE("nobody speaks for a segment whose key he does not know") {
    SharingHouse house;
    const SharedBytes theirs = house.client.put('a');
    const SlotRef ref = house.client.memory.lend(theirs.view()).value();
    const SharedBytes ours = house.broker.refs(producer).borrow(ref).value();
    auto memory = house.client.memory.offer();
    ++memory->key;
    memory->session = 1'000;
    house.broker.begin(stranger, memory, Borrowed::held);
    CHECK_FALSE(house.broker.lent(stranger));
    CHECK(house.broker.refs(stranger).borrow(ref).error().code == ErrorCode::no_session);
    CHECK(house.broker.refs(producer).borrow(ref).has_value());
    // Not to a broker that has never heard of the segment, either.
    SharedBodies other(shm::memory_domain());
    other.begin(stranger, memory, Borrowed::held);
    CHECK(other.lent(stranger)->empty());
    CHECK(other.refs(stranger).borrow(ref).error().code == ErrorCode::no_session);
}

TEST_CASE("a dead producer's bytes live as long as the broker needs them, and its name no longer") {
    SharedBodies broker(shm::memory_domain());
    SharedBytes ours;
    std::string path;
    {
        SharingPeer client(broker, producer, Borrowed::held);
        path = "/dev/shm/" + client.memory.ring()->segment();
        ours = client.send(client.put('a'));
    }
    broker.keep_house();
    CHECK(std::filesystem::exists(path));
    CHECK(as_text(ours.view()) == std::string(200'000, 'a'));
    ours = {};
    CHECK(broker.take_returns().size() == 1);
    broker.keep_house();  // its session has not even ended
    CHECK_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace penstock::broker
