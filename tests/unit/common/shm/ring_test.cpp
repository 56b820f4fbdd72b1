#include "common/shm/ring.hpp"

#include <cstring>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "common/shm/segment.hpp"
#include "common/shm/session_memory.hpp"
#include "tests/support/catch.hpp"

namespace penstock::shm {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

bool exists(const std::string& segment) {
    return std::filesystem::exists("/dev/shm/" + segment);
}

SharedBytes put(Ring& ring, char letter, std::size_t bytes) {
    std::optional<Slot> slot = ring.claim(bytes);
    REQUIRE(slot);
    std::memset(slot->bytes().data(), letter, bytes);
    return std::move(*slot).seal();
}

std::shared_ptr<ForeignSegment> open(const std::string& name,
                                     ForeignSegment::Keep keep = ForeignSegment::Keep::no) {
    auto opened = ForeignSegment::open(name, keep);
    INFO((opened ? std::string() : opened.error().message));
    REQUIRE(opened);
    return *opened;
}

TEST_CASE("what is sealed in a ring is read by its reference, and is gone with its last share") {
    const std::shared_ptr<Ring> ring = Ring::create(4 * mebibyte);
    CHECK_FALSE(exists(ring->segment()));  // nothing is made before it is needed
    SharedBytes bytes = put(*ring, 'a', 200'000);
    const SlotRef ref = ring->lend(bytes.view()).value();
    const auto reader = open(ring->segment());
    REQUIRE(reader->find(ref));
    CHECK(as_text(*reader->find(ref)) == std::string(200'000, 'a'));
    CHECK(reader->copy(ref) == bytes);

    bytes = {};
    CHECK(reader->holds(ref));  // lent
    ring->come_back(std::vector<SlotLoan>{{ref.slot, ref.generation, 1}});
    CHECK_FALSE(reader->holds(ref));
    CHECK_FALSE(reader->find(ref));
    CHECK_FALSE(reader->copy(ref));
    CHECK(ring->usage().used_bytes == 0);
}

TEST_CASE("a stale reference is refused, also when another slot covers its place") {
    const std::shared_ptr<Ring> ring = Ring::create(4 * block_bytes);
    SharedBytes small = put(*ring, 'a', block_bytes);
    static_cast<void>(put(*ring, 'b', block_bytes));
    const SlotRef ref = ring->lend(small.view()).value();
    const auto reader = open(ring->segment());
    small = {};
    ring->begin_session({});
    const SharedBytes large = put(*ring, 'c', 4 * block_bytes);
    CHECK_FALSE(reader->find(ref));
    const SlotRef fresh = ring->lend(large.view()).value();
    CHECK(reader->find(fresh));
    SlotRef wrong = fresh;
    wrong.generation = 0;
    CHECK_FALSE(reader->find(wrong));
}

TEST_CASE("a reference that leaves the segment is refused") {
    const std::shared_ptr<Ring> ring = Ring::create(4 * block_bytes);
    const SharedBytes bytes = put(*ring, 'a', 100);
    SlotRef ref = ring->lend(bytes.view()).value();
    const auto reader = open(ring->segment());
    CHECK(reader->find(ref));
    for (const std::uint64_t length : {std::uint64_t{0}, 5 * block_bytes + 1, ~std::uint64_t{0}}) {
        ref.length = length;
        CHECK_FALSE(reader->find(ref));
    }
    ref.length = 100;
    for (const std::uint32_t slot : {4U, 5U, 1'000'000U, ~0U}) {
        ref.slot = slot;
        CHECK_FALSE(reader->find(ref));
        CHECK_FALSE(reader->holds(ref));
    }
}

TEST_CASE("a full ring gives nothing until something has come back") {
    const std::shared_ptr<Ring> ring = Ring::create(2 * mebibyte);
    SharedBytes first = put(*ring, 'a', mebibyte);
    const SharedBytes second = put(*ring, 'b', mebibyte);
    CHECK_FALSE(ring->claim(1));
    // As it is, then.
    const SharedBytes heap = SharedBytes::copy_of(std::string(200'000, 'h'));
    CHECK(ring->place(heap).view().data() == heap.view().data());
    first = {};
    CHECK(ring->claim(mebibyte));
    const SharedBytes placed = ring->place(heap);
    CHECK(placed.view().data() != heap.view().data());
    CHECK(placed == heap);
    CHECK(ring->place(placed).view().data() == placed.view().data());
}

TEST_CASE("what is smaller than a reference is worth is left where it is") {
    const std::shared_ptr<Ring> ring = Ring::create(2 * mebibyte);
    const SharedBytes small = SharedBytes::copy_of(std::string(shared_body_min_bytes - 1, 's'));
    CHECK(ring->place(small).view().data() == small.view().data());
    CHECK_FALSE(ring->lend(small.view()));
}

TEST_CASE("a part of a slot that does not begin with it is no reference") {
    const std::shared_ptr<Ring> ring = Ring::create(2 * mebibyte);
    const SharedBytes bytes = put(*ring, 'a', 300'000);
    CHECK_FALSE(ring->lend(bytes.slice(1, 1000).view()));
    CHECK_FALSE(ring->lend(bytes.slice(block_bytes, 1000).view()));
    CHECK(ring->lend(bytes.slice(0, 200'000).view())->length == 200'000);
}

TEST_CASE("a slot that is given up unsealed is free, and a ring of no size gives none") {
    const std::shared_ptr<Ring> ring = Ring::create(block_bytes);
    { CHECK(ring->claim(10)); }
    CHECK(ring->claim(10));
    CHECK_FALSE(Ring::create(0)->claim(1));
    CHECK_FALSE(exists(Ring::create(0)->segment()));
}

TEST_CASE("the name goes with whoever needs it last") {
    std::string name;
    std::shared_ptr<ForeignSegment> broker;
    std::shared_ptr<ForeignSegment> worker;
    SlotRef ref;
    {
        const std::shared_ptr<Ring> ring = Ring::create(mebibyte);
        name = ring->segment();
        const SharedBytes bytes = put(*ring, 'a', 1000);
        ref = ring->lend(bytes.view()).value();
        broker = open(name, ForeignSegment::Keep::yes);
        CHECK(broker->owner_lives());
    }
    CHECK_FALSE(broker->owner_lives());
    REQUIRE(exists(name));
    worker = open(name);
    broker.reset();
    CHECK_FALSE(exists(name));
    {
        const std::shared_ptr<Ring> ring = Ring::create(mebibyte);
        name = ring->segment();
        static_cast<void>(put(*ring, 'a', 1000));
        worker = open(name);
    }
    CHECK_FALSE(exists(name));
}

TEST_CASE("a share keeps the memory, whatever ends before it") {
    SharedBytes bytes;
    {
        const std::shared_ptr<Ring> ring = Ring::create(mebibyte);
        bytes = put(*ring, 'a', 1000);
    }
    CHECK(as_text(bytes.view()) == std::string(1000, 'a'));
}

TEST_CASE("a sweep removes what the dead have left, and nothing of the living") {
    const std::shared_ptr<Ring> living = Ring::create(mebibyte);
    const SharedBytes kept = put(*living, 'a', 1000);
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::shared_ptr<Ring> ring = Ring::create(mebibyte);
        std::optional<Slot> slot = ring->claim(1000);
        const bool written = ::write(pipe[1], ring->segment().data(), ring->segment().size()) > 0;
        ::_exit(slot && written ? 0 : 1);  // as if it were killed
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    std::string name(64, '\0');
    const ssize_t length = ::read(pipe[0], name.data(), name.size());
    ::close(pipe[0]);
    ::close(pipe[1]);
    REQUIRE(length > 0);
    name.resize(static_cast<std::size_t>(length));
    REQUIRE(exists(name));
    {
        const auto broker = open(name, ForeignSegment::Keep::yes);
        static_cast<void>(sweep());
        CHECK(exists(name));  // somebody needs the name
        CHECK_FALSE(broker->owner_lives());
    }
    CHECK_FALSE(exists(name));
    static_cast<void>(sweep());
    CHECK(exists(living->segment()));
}

TEST_CASE("only names of segments are opened") {
    for (const char* name : {"", "penstock-", "penstock-0123456789abcde", "../etc/passwd",
                             "penstock-0123456789abcdeg", "penstock-../../etc/pas"}) {
        CHECK(ForeignSegment::open(name, ForeignSegment::Keep::no).error().code ==
              ErrorCode::malformed);
    }
    CHECK(
        ForeignSegment::open("penstock-0123456789abcdef", ForeignSegment::Keep::no).error().code ==
        ErrorCode::not_found);
}

TEST_CASE("slots are claimed and let go by many threads at once") {
    const std::shared_ptr<Ring> ring = Ring::create(8 * mebibyte);
    std::vector<std::thread> threads;
    for (const char letter : {'a', 'b', 'c', 'd'}) {
        threads.emplace_back([&ring, letter] {
            for (std::size_t i = 0; i < 200; ++i) {
                const std::size_t bytes = 70'000 + 1000 * i;
                if (std::optional<Slot> slot = ring->claim(bytes)) {
                    std::memset(slot->bytes().data(), letter, bytes);
                    const SharedBytes sealed = std::move(*slot).seal();
                    const std::string_view text = as_text(sealed.view());
                    CHECK(text.find_first_not_of(letter) == std::string_view::npos);
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(ring->usage().used_bytes == 0);
}

TEST_CASE("a session names bodies only after a WELCOME that shares memory") {
    SessionMemory memory(mebibyte, SessionMemory::Read::copied);
    REQUIRE(memory.offer()->session == 1);
    SharedBytes bytes = put(*memory.ring(), 'a', 200'000);
    CHECK_FALSE(memory.lend(bytes.view()));
    memory.begin(std::vector<SlotLoan>{}, Epoch{1}, {});
    CHECK(memory.lend(bytes.view()));
    REQUIRE(memory.offer()->session == 2);
    CHECK_FALSE(memory.lend(bytes.view()));
    memory.begin(std::nullopt, Epoch{1}, {});
    CHECK_FALSE(memory.lend(bytes.view()));
    CHECK_FALSE(memory.may_share());
    // What was lent before is not out any more.
    bytes = {};
    CHECK(memory.ring()->usage().used_bytes == 0);
    CHECK_FALSE(SessionMemory(0, SessionMemory::Read::copied).offer());
}

TEST_CASE("what a former broker was lent rests before it is written over") {
    SessionMemory memory(mebibyte, SessionMemory::Read::copied);
    static_cast<void>(memory.offer());
    memory.begin(std::vector<SlotLoan>{}, Epoch{1}, {});
    SharedBytes bytes = put(*memory.ring(), 'a', 200'000);
    static_cast<void>(memory.lend(bytes.view()));
    bytes = {};
    static_cast<void>(memory.offer());
    memory.begin(std::vector<SlotLoan>{}, Epoch{2}, {});
    memory.keep_house(TimePoint(std::chrono::seconds(14)));
    CHECK(memory.ring()->usage().used_bytes > 0);
    memory.keep_house(TimePoint(std::chrono::seconds(16)));
    CHECK(memory.ring()->usage().used_bytes == 0);
}

TEST_CASE("what is read in place is current until its owner takes it back") {
    const std::shared_ptr<Ring> ring = Ring::create(mebibyte);
    SharedBytes bytes = put(*ring, 'a', 200'000);
    const SlotRef ref = ring->lend(bytes.view()).value();
    SessionMemory memory(mebibyte, SessionMemory::Read::in_place);
    const SharedBytes borrowed = memory.borrow(ref).value();
    CHECK(memory.is_current(borrowed.view()));
    bytes = {};
    ring->begin_session({});
    CHECK_FALSE(memory.is_current(borrowed.view()));
    // What was never borrowed is nobody's business.
    CHECK(memory.is_current(as_byte_view("text")));
    CHECK(memory.is_current({}));
}

TEST_CASE(
    "a body that cannot be read any more is missing, and a segment that cannot is told once") {
    const std::shared_ptr<Ring> ring = Ring::create(mebibyte);
    SharedBytes bytes = put(*ring, 'a', 200'000);
    const SlotRef ref = ring->lend(bytes.view()).value();
    for (const auto read : {SessionMemory::Read::copied, SessionMemory::Read::in_place}) {
        SessionMemory memory(mebibyte, read);
        const Result<SharedBytes> borrowed = memory.borrow(ref);
        CHECK(borrowed == Result<SharedBytes>(bytes));
        SlotRef stale = ref;
        ++stale.generation;
        CHECK(SessionMemory::is_missing(memory.borrow(stale).value()));
        CHECK_FALSE(memory.take_unreadable());
        // Its owner may be gone: that says nothing about the others, unless the broker keeps it.
        stale.segment = new_segment_name();
        CHECK(SessionMemory::is_missing(memory.borrow(stale).value()));
        CHECK(memory.take_unreadable() == (read == SessionMemory::Read::in_place));
        stale.segment = "no segment";
        CHECK(SessionMemory::is_missing(memory.borrow(stale).value()));
        CHECK(memory.take_unreadable());
        CHECK_FALSE(memory.take_unreadable());
        CHECK(memory.take_read() == 4);
        CHECK(memory.take_read() == 0);
        CHECK_FALSE(SessionMemory::is_missing(bytes));
        CHECK_FALSE(SessionMemory::is_missing({}));
    }
}

}  // namespace
}  // namespace penstock::shm
