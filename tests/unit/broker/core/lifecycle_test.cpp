#include "broker/core/lifecycle.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/broker/core/test_broker.hpp"

namespace penstock::broker {
namespace {

using namespace test;

// Books with one lane, and a worker of one slot that serves it.
struct Life {
    Instant now{TimePoint{1h}, 1'700'000'000'000};
    Books books{Settings{}, 1, now};
    LaneIndex lane = books.lanes.intern("sum", "default", 9).value();
    WorkerIndex worker = books.workers.add(join_of(1, 1, {"sum"}), 1, now, books.lanes);
    std::uint64_t made = 0;

    TaskIndex accept_one() {
        const protocol::Submit submit{"sum", "default", {}, {}};
        return accept(books, submit, {task_id(++made), {}}, lane, now);
    }
};

}  // namespace

TEST_CASE("submitting and cancelling for ever behind a task that waits takes no more room") {
    Life life;
    static_cast<void>(life.accept_one());
    for (int n = 0; n < 1'000; ++n) {
        cancel(life.books, life.accept_one(), life.now);
    }
    CHECK(life.books.lanes[life.lane].size() <= 3);
}

TEST_CASE("failing and cancelling for ever leaves no deadlines behind") {
    Life life;
    for (int n = 0; n < 1'000; ++n) {
        const TaskIndex task = life.accept_one();
        REQUIRE(life.books.lanes[life.lane].front(life.books.tasks) == task);
        life.books.lanes[life.lane].pop();
        dispatch(life.books, task, life.worker, life.now);
        fail_attempt(life.books, task,
                     {{ErrorCode::failed, "no"}, DeadReason::attempts_exhausted, {}}, life.now);
        REQUIRE(life.books.tasks[task].state() == TaskState::retrying);
        cancel(life.books, task, life.now);
    }
    CHECK(life.books.deadlines.size() <= 3);
}

}  // namespace penstock::broker
