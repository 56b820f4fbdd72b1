#include "worker/shell/death.hpp"

#include <csignal>
#include <fstream>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"
#include "worker/core/session.hpp"

namespace penstock::worker {
namespace {

namespace fs = std::filesystem;
using protocol::DeathCause;

constexpr process::ChildEnd killed{true, SIGKILL, 4'096, {}};

class Dead {
  public:
    Dead() : page_(SlotPage::create(1).value()) { mark().worker.set(lease(7).task.bytes); }
    [[nodiscard]] ProcessMark& mark() const { return page_.process(0); }

  private:
    SlotPage page_;
};

TEST_CASE("an obituary names worker, cause, memory and what had started") {
    const Dead dead;
    dead.mark().slots[0].start(lease(1, 3));
    const auto obituary =
        obituary_of(dead.mark(), {true, SIGSEGV, 4'096, std::chrono::seconds(2)}, {});
    REQUIRE(obituary.worker.bytes == lease(7).task.bytes);
    REQUIRE(obituary.cause == DeathCause::signalled);
    REQUIRE(obituary.code == SIGSEGV);
    REQUIRE(obituary.peak_memory_bytes == 4'096);
    REQUIRE(obituary.cpu == std::chrono::seconds(2));
    REQUIRE(obituary.epoch == Epoch{3});
    REQUIRE(obituary.started.size() == 1);
    REQUIRE(reason_of(obituary, {}) == EndReason::signalled);
    REQUIRE(describe(obituary) == "killed by signal 11 (Segmentation fault)");
}

TEST_CASE("an exit is told with its status") {
    const Dead dead;
    const auto obituary = obituary_of(dead.mark(), {false, 3, 0, {}}, {});
    REQUIRE(obituary.cause == DeathCause::exited);
    REQUIRE(obituary.code == 3);
    REQUIRE(reason_of(obituary, {}) == EndReason::exited);
    REQUIRE(describe(obituary) == "exited with status 3");
}

TEST_CASE("a kill while the kernel counted one is lack of memory") {
    const Dead dead;
    const auto obituary = obituary_of(dead.mark(), killed, {false, true});
    REQUIRE(obituary.cause == DeathCause::out_of_memory);
    REQUIRE(reason_of(obituary, {false, true}) == EndReason::out_of_memory);
}

TEST_CASE("a kill by the watchdog is never lack of memory") {
    const Dead dead;
    const Circumstances circumstances{true, true};
    const auto obituary = obituary_of(dead.mark(), killed, circumstances);
    REQUIRE(obituary.cause == DeathCause::signalled);
    REQUIRE(reason_of(obituary, circumstances) == EndReason::stuck);
}

TEST_CASE("a crash while the kernel killed another process is no lack of memory") {
    const Dead dead;
    REQUIRE(obituary_of(dead.mark(), {true, SIGSEGV, 0}, {false, true}).cause ==
            DeathCause::signalled);
}

TEST_CASE("a process that ended itself over a time limit is counted as such") {
    const Dead dead;
    dead.mark().slots[0].start(lease(1));
    dead.mark().slots[1].start(lease(2));
    dead.mark().slots[1].doom(lease(2), protocol::Fate::over_time_limit);
    const auto obituary = obituary_of(dead.mark(), killed, {});
    REQUIRE(reason_of(obituary, {}) == EndReason::time_limit);
    REQUIRE(obituary.started[0].fate == protocol::Fate::running);
}

TEST_CASE("a process that left on purpose leaves no suspects") {
    const Dead dead;
    dead.mark().slots[0].start(lease(1));
    dead.mark().stage = static_cast<std::uint32_t>(Stage::gone);
    REQUIRE(obituary_of(dead.mark(), {false, 0, 0}, {}).started.empty());
}

// A root with a memory group of cgroup v2.
class FakeMemoryGroup {
  public:
    FakeMemoryGroup()
        : root_(fs::temp_directory_path() / ("penstock_death_test_" + std::to_string(getpid()))) {
        write("proc/self/mountinfo", "29 22 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
        write("proc/self/cgroup", "0::/worker\n");
        kills(0);
    }
    ~FakeMemoryGroup() { fs::remove_all(root_); }
    FakeMemoryGroup(const FakeMemoryGroup&) = delete;
    FakeMemoryGroup& operator=(const FakeMemoryGroup&) = delete;

    void kills(int count) {
        write("cg/worker/memory.events", "low 0\noom 5\noom_kill " + std::to_string(count) + "\n");
    }
    void strangers_die(int count) {
        write("cg/memory.events", "oom_kill " + std::to_string(count) + "\n");
    }
    [[nodiscard]] const fs::path& root() const { return root_; }

  private:
    void write(const std::string& name, const std::string& text) {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }
    fs::path root_;
};

TEST_CASE("a kill for lack of memory explains one death") {
    FakeMemoryGroup group;
    OomWatch watch(group.root());
    const TimePoint now{};
    REQUIRE_FALSE(watch.explains_death(now));
    group.kills(2);
    REQUIRE(watch.explains_death(now));
    REQUIRE(watch.explains_death(now));
    REQUIRE_FALSE(watch.explains_death(now));
}

TEST_CASE("a kill that was noted a moment ago explains a death, an older one does not") {
    FakeMemoryGroup group;
    OomWatch watch(group.root());
    const TimePoint now{};
    group.kills(1);
    watch.look(now);
    SECTION("a moment ago") {
        REQUIRE(watch.explains_death(now + std::chrono::milliseconds(1'900)));
    }
    SECTION("older") {
        REQUIRE_FALSE(watch.explains_death(now + std::chrono::seconds(2)));
    }
}

TEST_CASE("the kill of a stranger in a group above explains nothing") {
    FakeMemoryGroup group;
    group.strangers_die(5);
    OomWatch watch(group.root());
    group.strangers_die(6);
    REQUIRE_FALSE(watch.explains_death(TimePoint{}));
    group.kills(1);
    REQUIRE(watch.explains_death(TimePoint{}));
}

TEST_CASE("kills before the start are no news") {
    FakeMemoryGroup group;
    group.kills(4);
    OomWatch watch(group.root());
    REQUIRE_FALSE(watch.explains_death(TimePoint{}));
}

}  // namespace
}  // namespace penstock::worker
