#include "worker/shell/slot_page.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"

namespace penstock::worker {
namespace {

TEST_CASE("a new page is empty") {
    const auto page = SlotPage::create(2);
    REQUIRE(page);
    REQUIRE(page->processes() == 2);
    REQUIRE(started_leases(page->process(1)).empty());
    REQUIRE(page->process(1).pid == 0);
}

TEST_CASE("what a slot has started is found until it ends") {
    const auto page = SlotPage::create(1);
    ProcessMark& mark = page->process(0);
    mark.slots[3].start(lease(1));
    const auto started = started_leases(mark);
    REQUIRE(started.size() == 1);
    REQUIRE(started[0].lease == lease(1));
    REQUIRE(started[0].fate == protocol::Fate::running);
    mark.slots[3].end();
    REQUIRE(started_leases(mark).empty());
}

TEST_CASE("a fate belongs to one lease and not to its successor in the slot") {
    const auto page = SlotPage::create(1);
    ProcessMark& mark = page->process(0);
    mark.slots[0].start(lease(1));
    mark.slots[0].doom(lease(1), protocol::Fate::over_time_limit);
    REQUIRE(started_leases(mark)[0].fate == protocol::Fate::over_time_limit);
    mark.slots[0].start(lease(2));
    REQUIRE(started_leases(mark)[0].fate == protocol::Fate::running);
}

TEST_CASE("only leases of the latest epoch are named") {
    const auto page = SlotPage::create(1);
    ProcessMark& mark = page->process(0);
    mark.slots[0].start(lease(1, 5));
    mark.slots[1].start(lease(2, 6));
    const auto started = started_leases(mark);
    REQUIRE(started.size() == 1);
    REQUIRE(started[0].lease == lease(2, 6));
}

TEST_CASE("a process that was ended for void work names nobody") {
    const auto page = SlotPage::create(1);
    ProcessMark& mark = page->process(0);
    mark.slots[0].start(lease(1, 5));
    mark.slots[0].doom(lease(1, 5), protocol::Fate::being_cancelled);
    mark.slots[1].start(lease(2, 6));
    REQUIRE(started_leases(mark).empty());
}

TEST_CASE("a cleared mark tells nothing of its past") {
    const auto page = SlotPage::create(1);
    ProcessMark& mark = page->process(0);
    mark.pid = 7;
    mark.beats = 8;
    mark.completed = 9;
    mark.worker.set(lease(1).task.bytes);
    mark.slots[0].start(lease(1));
    mark.slots[0].doom(lease(1), protocol::Fate::over_time_limit);
    clear(mark);
    REQUIRE(mark.pid + mark.beats + mark.completed == 0);
    REQUIRE(WorkerId{mark.worker.get()}.is_zero());
    mark.slots[0].start(lease(1));
    REQUIRE(started_leases(mark)[0].fate == protocol::Fate::running);
}

TEST_CASE("what a killed process had started can be read after its death") {
    const auto page = SlotPage::create(1);
    const pid_t child = fork();
    if (child == 0) {
        const auto mapped = SlotPage::open(dup(page->descriptor()));
        mapped->process(0).slots[0].start(lease(9));
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    const auto started = started_leases(page->process(0));
    REQUIRE(started.size() == 1);
    REQUIRE(started[0].lease == lease(9));
}

TEST_CASE("a descriptor that is no page is refused") {
    const int descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
    const auto page = SlotPage::open(descriptor);
    REQUIRE_FALSE(page);
    REQUIRE(page.error().code == ErrorCode::malformed);
    close(descriptor);
    REQUIRE_FALSE(SlotPage::open(-1));
}

}  // namespace
}  // namespace penstock::worker
