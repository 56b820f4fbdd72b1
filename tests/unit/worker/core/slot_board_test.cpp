#include "worker/core/slot_board.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"

namespace penstock::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint now{seconds(100)};

std::vector<std::size_t> sizes(const std::vector<HandOver>& batches) {
    std::vector<std::size_t> all;
    for (const HandOver& batch : batches) {
        all.push_back(batch.work.size());
    }
    return all;
}

TEST_CASE("work goes to slots of its class only") {
    SlotBoard board({1, 1});
    board.wait_for_slot(work(1), SlotClass::wait);
    const auto batches = board.hand_over(now);
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].slot == 1);
    REQUIRE(batches[0].work[0].lease == lease(1));
}

TEST_CASE("a single cpu slot gets everything in one batch, in order") {
    SlotBoard board({1, 0});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        board.wait_for_slot(work(i), SlotClass::cpu);
    }
    const auto batches = board.hand_over(now);
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].work.size() == 3);
    REQUIRE(batches[0].work[0].lease == lease(1));
    REQUIRE(batches[0].work[2].lease == lease(3));
}

TEST_CASE("idle cpu slots get a fair share each, and the rest waits for whoever is done first") {
    SlotBoard board({2, 0});
    for (std::uint8_t i = 1; i <= 6; ++i) {
        board.wait_for_slot(work(i), SlotClass::cpu);
    }
    REQUIRE(sizes(board.hand_over(now)) == std::vector<std::size_t>{3, 2});
}

TEST_CASE("wait slots get one piece each and the rest waits") {
    SlotBoard board({0, 2});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        board.wait_for_slot(work(i), SlotClass::wait);
    }
    REQUIRE(sizes(board.hand_over(now)) == std::vector<std::size_t>{1, 1});
    REQUIRE(board.hand_over(now).empty());
    REQUIRE(board.finished(0, lease(1), now) == Wanted::run);
    REQUIRE(sizes(board.hand_over(now)) == std::vector<std::size_t>{1});
}

TEST_CASE("a cpu slot gets the next work while it runs its last piece") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    board.wait_for_slot(work(2), SlotClass::cpu);
    REQUIRE(sizes(board.hand_over(now)) == std::vector<std::size_t>{1});
    board.wait_for_slot(work(3), SlotClass::cpu);
    REQUIRE(board.hand_over(now).empty());
}

TEST_CASE("an idle slot takes over from a long list") {
    SlotBoard board({2, 0});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        board.wait_for_slot(work(i), SlotClass::cpu);
    }
    static_cast<void>(board.hand_over(now));  // 1 and 2 to slot 0, 3 to slot 1
    REQUIRE(board.finished(1, lease(3), now) == Wanted::run);
    const auto requests = board.share();
    REQUIRE(requests.size() == 1);
    REQUIRE(requests[0].lease == lease(2));
    REQUIRE(board.share().empty());  // it is under way
    REQUIRE(board.taken_back(0, work(2), now) == Wanted::elsewhere);
    const auto batches = board.hand_over(now);
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].slot == 1);
}

TEST_CASE("the end of unknown work is no end") {
    SlotBoard board({1, 0});
    REQUIRE_FALSE(board.finished(0, lease(1), now));
    REQUIRE(board.empty());
}

TEST_CASE("waiting work can be taken, work with a slot has to be asked for") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1), SlotClass::cpu);
    REQUIRE(board.take_waiting(lease(1)));
    REQUIRE(board.empty());
    board.wait_for_slot(work(2), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    REQUIRE_FALSE(board.take_waiting(lease(2)));
    REQUIRE(board.ask_back(lease(2), Wanted::returned));
    REQUIRE(board.taken_back(0, work(2), now) == Wanted::returned);
    REQUIRE(board.empty());
}

TEST_CASE("a wish to cancel is not overruled by a later recall") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    static_cast<void>(board.ask_back(lease(1), Wanted::cancelled));
    static_cast<void>(board.ask_back(lease(1), Wanted::returned));
    REQUIRE(board.finished(0, lease(1), now) == Wanted::cancelled);
}

TEST_CASE("everything is asked back from the end of the lists") {
    SlotBoard board({1, 0});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        board.wait_for_slot(work(i), SlotClass::cpu);
    }
    static_cast<void>(board.hand_over(now));
    const auto requests = board.ask_all_back(Wanted::returned);
    REQUIRE(requests.size() == 3);
    REQUIRE(requests[0].lease == lease(3));
    REQUIRE(requests[2].lease == lease(1));
}

TEST_CASE("the time limit of the first piece counts from its start") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1, milliseconds(100)), SlotClass::cpu);
    board.wait_for_slot(work(2, milliseconds(50)), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    REQUIRE(board.next_deadline() == now + milliseconds(100));
    REQUIRE(board.overdue(now + milliseconds(99)).empty());
    const auto doomed = board.overdue(now + milliseconds(100));
    REQUIRE(doomed.size() == 1);
    REQUIRE(doomed[0].lease == lease(1));
    REQUIRE(doomed[0].fate == protocol::Fate::over_time_limit);
    // The second starts when the first has ended.
    REQUIRE(board.finished(0, lease(1), now + milliseconds(90)) == Wanted::run);
    REQUIRE(board.next_deadline() == now + milliseconds(140));
}

TEST_CASE("without a time limit nothing is ever overdue") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    REQUIRE_FALSE(board.next_deadline());
    REQUIRE(board.overdue(now + std::chrono::hours(1'000)).empty());
}

TEST_CASE("work that was told to stop is overdue after its grace") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1, seconds(600)), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    board.stop_by(lease(1), now + seconds(2));
    REQUIRE(board.next_deadline() == now + seconds(2));
    const auto doomed = board.overdue(now + seconds(2));
    REQUIRE(doomed.size() == 1);
    REQUIRE(doomed[0].fate == protocol::Fate::being_cancelled);
    // Telling it again gives no more time.
    board.stop_by(lease(1), now + seconds(20));
    REQUIRE(board.next_deadline() == now + seconds(2));
}

TEST_CASE("what was not found running gets its time anew") {
    SlotBoard board({1, 0});
    board.wait_for_slot(work(1, milliseconds(100)), SlotClass::cpu);
    static_cast<void>(board.hand_over(now));
    board.spare(0, now + milliseconds(100));
    REQUIRE(board.next_deadline() == now + milliseconds(200));
    board.stop_by(lease(1), now + milliseconds(110));
    board.spare(0, now + milliseconds(110));
    REQUIRE(board.overdue(now + milliseconds(110)).empty());
    const auto doomed = board.overdue(now + milliseconds(120));
    REQUIRE(doomed.size() == 1);
    REQUIRE(doomed[0].fate == protocol::Fate::being_cancelled);
}

TEST_CASE("all leases are listed, those with slots first") {
    SlotBoard board({0, 1});
    board.wait_for_slot(work(1), SlotClass::wait);
    board.wait_for_slot(work(2), SlotClass::wait);
    static_cast<void>(board.hand_over(now));
    REQUIRE(board.leases() == std::vector<Lease>{lease(1), lease(2)});
    REQUIRE_FALSE(board.empty());
}

}  // namespace
}  // namespace penstock::worker
