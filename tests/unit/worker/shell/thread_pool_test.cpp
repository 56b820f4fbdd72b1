#include "worker/shell/thread_pool.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <set>

#include "common/transport/poller.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/worker/core/leases.hpp"

namespace penstock::worker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A pool that runs what a test gives it.
class Pool {
  public:
    Pool(const std::array<std::uint32_t, 2>& slots, RunTask run)
        : page_(SlotPage::create(1).value()), pool(context_, slots, mark(), std::move(run)) {
        static_cast<void>(poller_.watch(pool.finished()));
    }

    ProcessMark& mark() { return page_.process(0); }
    // The next end, of whichever slot.
    Finished wait_finished() {
        while (next_ == ended_.size()) {
            next_ = 0;
            ended_ = pool.take_finished(Instant::read().steady);
            if (ended_.empty()) {
                poller_.wait(std::clamp<Duration>(pool.next_look() - Instant::read().steady,
                                                  Duration::zero(), seconds(30)));
            }
        }
        return ended_[next_++];
    }
    [[nodiscard]] bool busy() const { return next_ < ended_.size() || pool.outstanding() > 0; }
    void hand_over(SlotIndex slot, std::initializer_list<std::uint8_t> numbers) {
        HandOver batch{slot, {}};
        for (const std::uint8_t number : numbers) {
            batch.work.push_back(work(number, milliseconds(60'000)));
        }
        pool.hand_over(std::move(batch));
    }

  private:
    transport::Context context_;
    SlotPage page_;
    transport::Poller poller_;
    FinishedBatch ended_;
    std::size_t next_ = 0;

  public:
    ThreadPool pool;
};

Result<Body> done(const Work& /*work*/, Context& /*context*/) {
    return Body{};
}

TEST_CASE("work runs in the order of its batch and every end comes back") {
    Pool bench({1, 0}, done);
    bench.hand_over(0, {1, 2, 3});
    for (const std::uint8_t number : std::array<std::uint8_t, 3>{1, 2, 3}) {
        const auto ended = bench.wait_finished();
        REQUIRE(ended.outcome.lease == lease(number));
        REQUIRE(ended.outcome.thread == 0);
        REQUIRE_FALSE(ended.outcome.error);
    }
    REQUIRE_FALSE(bench.busy());
    REQUIRE(bench.mark().completed == 3);
    REQUIRE(bench.pool.stop());
}

TEST_CASE("what ended before a long task is not kept until that has ended") {
    std::promise<void> started;
    std::promise<void> go_on;
    Pool bench({1, 0}, [&](const Work& task, Context&) -> Result<Body> {
        if (task.lease == lease(9)) {
            started.set_value();
            go_on.get_future().wait();
        }
        return Body{};
    });
    bench.hand_over(0, {1, 2, 3, 9});
    started.get_future().wait();
    for (const std::uint8_t number : std::array<std::uint8_t, 3>{1, 2, 3}) {
        REQUIRE(bench.wait_finished().outcome.lease == lease(number));
    }
    REQUIRE(bench.pool.outstanding() == 1);
    go_on.set_value();
    REQUIRE(bench.wait_finished().outcome.lease == lease(9));
    REQUIRE(bench.pool.next_look() == TimePoint::max());
    REQUIRE(bench.pool.stop());
}

TEST_CASE("nor is what comes right after an end that was told and taken") {
    constexpr std::uint8_t long_one = 9;
    for (int round = 0; round < 50; ++round) {
        std::promise<void> started;
        std::promise<void> go_on;
        Pool bench({1, 0}, [&](const Work& task, Context&) -> Result<Body> {
            if (task.lease == lease(long_one)) {
                started.set_value();
                go_on.get_future().wait();
            }
            return Body{};
        });
        bench.hand_over(0, {1});
        REQUIRE(bench.wait_finished().outcome.lease == lease(1));
        bench.hand_over(0, {2, long_one});
        started.get_future().wait();
        REQUIRE(bench.wait_finished().outcome.lease == lease(2));
        go_on.set_value();
        REQUIRE(bench.wait_finished().outcome.lease == lease(long_one));
        REQUIRE(bench.pool.stop());
    }
}

TEST_CASE("slots run side by side") {
    // Each waits for the other to have started: one thread could never end both.
    std::promise<void> first;
    std::promise<void> second;
    Pool bench({2, 0}, [&](const Work& task, Context&) -> Result<Body> {
        const bool is_first = task.lease == lease(1);
        (is_first ? first : second).set_value();
        (is_first ? second : first).get_future().wait();
        return Body{};
    });
    bench.hand_over(0, {1});
    bench.hand_over(1, {2});
    std::set<std::uint32_t> threads{bench.wait_finished().outcome.thread,
                                    bench.wait_finished().outcome.thread};
    REQUIRE(threads == std::set<std::uint32_t>{0, 1});
    REQUIRE(bench.pool.stop());
}

TEST_CASE("the page names a task while it runs and not before or after") {
    std::promise<void> started;
    std::promise<void> go_on;
    Pool bench({1, 0}, [&](const Work&, Context&) -> Result<Body> {
        started.set_value();
        go_on.get_future().wait();
        return fail(ErrorCode::failed, "no");
    });
    REQUIRE(started_leases(bench.mark()).empty());
    bench.hand_over(0, {1});
    started.get_future().wait();
    REQUIRE(started_leases(bench.mark())[0].lease == lease(1));
    REQUIRE_FALSE(bench.pool.stop());
    go_on.set_value();
    REQUIRE(bench.wait_finished().outcome.error == Error{ErrorCode::failed, "no"});
    REQUIRE(started_leases(bench.mark()).empty());
    REQUIRE(bench.mark().failed == 1);
    REQUIRE(bench.pool.stop());
}

TEST_CASE("work behind a running task can be taken back and never runs") {
    std::promise<void> started;
    std::promise<void> go_on;
    Pool bench({1, 0}, [&](const Work&, Context&) -> Result<Body> {
        started.set_value();  // throws at a second run
        go_on.get_future().wait();
        return Body{};
    });
    bench.hand_over(0, {1, 2});
    started.get_future().wait();
    REQUIRE_FALSE(bench.pool.take_back({0, lease(1)}));
    const auto taken = bench.pool.take_back({0, lease(2)});
    REQUIRE(taken);
    REQUIRE(taken->lease == lease(2));
    REQUIRE_FALSE(bench.pool.take_back({0, lease(2)}));
    go_on.set_value();
    REQUIRE(bench.wait_finished().outcome.lease == lease(1));
    REQUIRE_FALSE(bench.busy());
    REQUIRE(bench.pool.stop());
}

TEST_CASE("every piece of work either runs or is taken back, never both") {
    Pool bench({1, 0}, done);
    int ran = 0;
    int taken = 0;
    for (int round = 0; round < 200; ++round) {
        bench.hand_over(0, {1, 2, 3, 4, 5});
        for (const std::uint8_t number : std::array<std::uint8_t, 5>{5, 4, 3, 2, 1}) {
            taken += bench.pool.take_back({0, lease(number)}) ? 1 : 0;
        }
        while (bench.busy()) {
            static_cast<void>(bench.wait_finished());
            ++ran;
        }
    }
    REQUIRE(ran + taken == 1'000);
    REQUIRE(bench.mark().completed == static_cast<std::uint64_t>(ran));
    REQUIRE(bench.pool.stop());
}

TEST_CASE("a handler that waits learns of its cancellation at once") {
    std::promise<void> started;
    Pool bench({0, 1}, [&](const Work&, Context& context) -> Result<Body> {
        started.set_value();
        return context.wait_for_cancel(hours(1'000'000))
                   ? Result<Body>(fail(ErrorCode::cancelled, ""))
                   : Result<Body>(Body{});
    });
    bench.hand_over(0, {1});
    started.get_future().wait();
    bench.pool.cancel({0, lease(2)});  // somebody else
    bench.pool.cancel({0, lease(1)});
    REQUIRE(bench.wait_finished().outcome.error->code == ErrorCode::cancelled);
    REQUIRE(bench.pool.stop());
}

TEST_CASE("a cancellation that comes before the start is not missed") {
    std::promise<void> go_on;
    Pool bench({0, 1}, [&](const Work& task, Context& context) -> Result<Body> {
        if (task.lease == lease(1)) {
            go_on.get_future().wait();
        }
        return context.cancelled() ? Result<Body>(fail(ErrorCode::cancelled, ""))
                                   : Result<Body>(Body{});
    });
    bench.hand_over(0, {1, 2});
    bench.pool.cancel({0, lease(2)});
    go_on.set_value();
    REQUIRE_FALSE(bench.wait_finished().outcome.error);
    REQUIRE(bench.wait_finished().outcome.error->code == ErrorCode::cancelled);
    REQUIRE(bench.pool.stop());
}

TEST_CASE("of several reports of progress the latest is told, once") {
    std::promise<void> told;
    std::promise<void> go_on;
    Pool bench({1, 0}, [&](const Work&, Context& context) -> Result<Body> {
        context.progress(0.25, "a quarter");
        context.progress(7.0, "too much " + std::string(500, 'x'));
        told.set_value();
        go_on.get_future().wait();
        return Body{};
    });
    bench.hand_over(0, {1});
    told.get_future().wait();
    const auto reports = bench.pool.take_progress();
    REQUIRE(reports.size() == 1);
    REQUIRE(reports[0].lease == lease(1));
    REQUIRE(reports[0].permille == 1'000);
    REQUIRE(reports[0].note.size() == 200);
    REQUIRE(bench.pool.take_progress().empty());
    go_on.set_value();
    static_cast<void>(bench.wait_finished());
    REQUIRE(bench.pool.stop());
}

TEST_CASE("a long note is cut between two characters") {
    std::promise<void> told;
    std::promise<void> go_on;
    Pool bench({1, 0}, [&](const Work&, Context& context) -> Result<Body> {
        // 199 bytes, then a character of three.
        context.progress(0.5, std::string(199, 'x') + "\u20ac");
        told.set_value();
        go_on.get_future().wait();
        return Body{};
    });
    bench.hand_over(0, {1});
    told.get_future().wait();
    CHECK(bench.pool.take_progress().at(0).note == std::string(199, 'x'));
    go_on.set_value();
    static_cast<void>(bench.wait_finished());
    REQUIRE(bench.pool.stop());
}

TEST_CASE("an attempt knows its task, number, epoch and deadline") {
    Pool bench({1, 0}, [](const Work& task, Context& context) -> Result<Body> {
        const Duration left = context.deadline() - Instant::read().steady;
        const bool right = context.task() == task.lease.task && context.attempt() == 1 &&
                           context.epoch() == task.lease.epoch && left > seconds(50) &&
                           left <= seconds(60);
        return right ? Result<Body>(Body{}) : Result<Body>(fail(ErrorCode::failed, ""));
    });
    bench.hand_over(0, {1});
    REQUIRE_FALSE(bench.wait_finished().outcome.error);
    REQUIRE(bench.pool.stop());
}

}  // namespace
}  // namespace penstock::worker
