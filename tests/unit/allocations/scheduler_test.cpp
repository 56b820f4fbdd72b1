// What a task costs in the broker's core once it has ended as many as it remembers.
#include "broker/core/scheduler.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/allocations/count.hpp"

namespace penstock::broker::test {
namespace {

constexpr std::size_t batch = 1'000;
constexpr SessionId producer = 1;
constexpr SessionId worker = 2;
constexpr Epoch epoch{7};

// A producer, a worker that ends at once what it is given, and no journal; counts what the
// scheduler allocates, and not what they do.
class Life {
  public:
    Life() : scheduler_(settings(), 1, now_) {
        scheduler_.begin(epoch, 0, now_);
        scheduler_.handle(FrontendMessage{producer, protocol::Hello{"test"}}, now_);
        protocol::Join join;
        join.worker.bytes[0] = 1;
        join.site = {"host", 1, 0};
        join.slots = {1, 0};
        join.types = {{"test.echo", SlotClass::cpu}};
        scheduler_.handle(BackendMessage{worker, std::move(join)}, now_);
        turn();
    }

    // A batch of tasks from SUBMIT to SETTLED; returns the allocations of each.
    double live() {
        allocations_ = 0;
        std::size_t ended = 0;
        take(FrontendMessage{producer, submit()});
        while (ended < batch) {
            turn();
            ended += end_dispatched();
        }
        turn();
        return static_cast<double>(allocations_) / batch;
    }

  private:
    static Settings settings() {
        Settings chosen;
        chosen.durability = Durability::memory;
        chosen.finished_tasks_max = 10 * batch;
        return chosen;
    }
    protocol::Message submit() {
        static const SharedBytes payload = SharedBytes::copy_of(std::string(100, 'a'));
        protocol::Submit message{"test.echo", "default", {}, {}};
        message.options.durability = Durability::memory;
        for (std::size_t n = 0; n < batch; ++n) {
            message.tasks.push_back({make_task_id(now_.unix_ms, 0, random_.next()), {{}, payload}});
        }
        return message;
    }
    std::size_t end_dispatched() {
        protocol::OutcomeBatch outcomes{epoch, {}};
        for (const Outgoing& outgoing : effects_.sends) {
            if (const auto* work = std::get_if<protocol::Dispatch>(&outgoing.message)) {
                for (const protocol::Assignment& task : work->groups.front().tasks) {
                    outcomes.outcomes.push_back(
                        {task.lease, 0, std::chrono::microseconds(5), {}, task.body});
                }
            }
        }
        const std::size_t count = outcomes.outcomes.size();
        take(BackendMessage{worker, std::move(outcomes)});
        return count;
    }
    void take(Event event) {
        allocations_ +=
            penstock::test::allocations_of([&] { scheduler_.handle(std::move(event), now_); });
    }
    void turn() {
        effects_.clear();
        now_.steady += std::chrono::milliseconds(1);
        now_.unix_ms += 1;
        allocations_ += penstock::test::allocations_of([&] { scheduler_.advance(now_, effects_); });
    }

    Instant now_{TimePoint{std::chrono::hours(1)}, 1'700'000'000'000};
    Scheduler scheduler_;
    Random random_{1};
    Effects effects_;
    std::uint64_t allocations_ = 0;
};

}  // namespace

TEST_CASE("A task costs the scheduler an allocation for its body, its run and its output") {
    Life life;
    for (int n = 0; n < 50; ++n) {
        life.live();
    }
    double sum = 0;
    for (int n = 0; n < 10; ++n) {
        sum += life.live();
    }
    // And a third of one for blocks of queues, and vectors that grow with the batch.
    CHECK(sum / 10 > 3);
    CHECK(sum / 10 < 3.4);
}

}  // namespace penstock::broker::test
