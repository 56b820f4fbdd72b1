// What does a task cost in the scheduler, without codec and sockets? Each benchmark takes tasks
// through a whole life in batches of 100 (SUBMIT, DISPATCH, OUTCOME, RESULT and SETTLED) with 100
// bytes of arguments each; `per_task` is the figure to look at. It must not grow with the number
// of tasks that wait, nor with the number of workers; of the lanes in which tasks wait, a turn
// (which is shared by all the tasks that it brings) looks at each once.
#include <benchmark/benchmark.h>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/scheduler.hpp"

namespace penstock::broker {
namespace {

constexpr std::size_t batch = 100;
constexpr std::size_t argument_bytes = 100;
constexpr SessionId client = 1;
constexpr Epoch epoch{7};

// A scheduler whose journal is as quick as memory, and workers that answer at once.
class Bench {
  public:
    // `remembered`: finished tasks; few, so that memory is steady soon.
    Bench(std::uint32_t workers, std::uint32_t slots, std::uint64_t queued_max,
          std::uint64_t remembered = 10'000)
        : scheduler_(settings(queued_max, remembered), 1, now_) {
        scheduler_.begin(epoch, 0, now_);
        scheduler_.handle(FrontendMessage{client, protocol::Hello{"bench"}}, now_);
        for (std::uint32_t number = 1; number <= workers; ++number) {
            join(number, slots);
        }
        turn();
    }

    // `count` tasks that no worker knows wait in the queue.
    void queue_up(std::uint64_t count) {
        for (std::uint64_t done = 0; done < count; done += batch) {
            submit("unserved", "unserved");
            turn();
            sends_.clear();
        }
    }
    // Tasks that no worker knows wait in so many queues.
    void open_queues(std::uint64_t count) {
        for (std::uint64_t number = 0; number < count; ++number) {
            submit("unserved", "queue-" + std::to_string(number));
            turn();
            sends_.clear();
        }
    }
    // 100 tasks from SUBMIT to SETTLED. Returns how many came to their end.
    std::size_t live() {
        submit("math.square", "default");
        std::size_t completed = 0;
        while (completed < batch) {
            turn();
            completed += answer_dispatches();
        }
        turn();
        sends_.clear();
        return completed;
    }

  private:
    static Settings settings(std::uint64_t queued_max, std::uint64_t remembered) {
        Settings chosen;
        chosen.queue_tasks_max = queued_max + 1'000'000;
        chosen.queue_bytes_max = std::uint64_t{1} << 40U;
        chosen.finished_tasks_max = remembered;
        chosen.no_handler_grace = std::chrono::hours(1);
        return chosen;
    }

    void join(std::uint32_t number, std::uint32_t slots) {
        protocol::Join join;
        join.worker.bytes[0] = static_cast<std::uint8_t>(number);
        join.worker.bytes[1] = static_cast<std::uint8_t>(number >> 8U);
        join.site = {"host", number, number};
        join.slots = {slots, 0};
        join.types = {{"math.square", SlotClass::cpu}};
        scheduler_.handle(BackendMessage{client + number, std::move(join)}, now_);
    }

    void submit(const std::string& type, const std::string& queue) {
        static const SharedBytes arguments = SharedBytes::copy_of(std::string(argument_bytes, 'a'));
        protocol::Submit message{type, queue, {}, {}};
        message.tasks.resize(batch);
        for (protocol::SubmittedTask& task : message.tasks) {
            task.id = make_task_id(now_.unix_ms, 0, random_.next());
            task.body.args = arguments;
        }
        scheduler_.handle(FrontendMessage{client, std::move(message)}, now_);
    }

    // As the broker's loop: act, append, act again on what has become durable.
    void turn() {
        now_.steady += std::chrono::microseconds(1);
        scheduler_.advance(now_, effects_);
        while (!effects_.records.empty()) {
            sequence_ += effects_.records.size();
            keep_sends();
            scheduler_.handle(BecameDurable{sequence_}, now_);
            scheduler_.advance(now_, effects_);
        }
        keep_sends();
    }
    void keep_sends() {
        for (Outgoing& outgoing : effects_.sends) {
            sends_.push_back(std::move(outgoing));
        }
        effects_.clear();
    }

    std::size_t answer_dispatches() {
        std::size_t answered = 0;
        for (const Outgoing& outgoing : std::exchange(sends_, {})) {
            const auto* dispatch = std::get_if<protocol::Dispatch>(&outgoing.message);
            if (dispatch == nullptr) {
                continue;
            }
            protocol::OutcomeBatch outcomes{epoch, {}};
            for (const protocol::DispatchGroup& group : dispatch->groups) {
                for (const protocol::Assignment& task : group.tasks) {
                    outcomes.outcomes.push_back(
                        {task.lease, 0, std::chrono::microseconds(5), {}, task.body});
                }
            }
            answered += outcomes.outcomes.size();
            scheduler_.handle(BackendMessage{outgoing.session, std::move(outcomes)}, now_);
        }
        return answered;
    }

    Instant now_{TimePoint{std::chrono::hours(1)}, 1'700'000'000'000};
    Scheduler scheduler_;
    Random random_{1};
    Effects effects_;
    std::vector<Outgoing> sends_;
    Sequence sequence_ = 0;
};

void live(benchmark::State& state, Bench& bench) {
    std::size_t completed = 0;
    for (auto _ : state) {
        completed += bench.live();
        benchmark::DoNotOptimize(completed);
    }
    state.counters["per_task"] = benchmark::Counter(
        static_cast<double>(completed), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// What does a task's life cost?
void one_life(benchmark::State& state) {
    Bench bench(10, 1, 0);
    live(state, bench);
}
BENCHMARK(one_life);

// What does it cost in a broker that remembers so many ends, and forgets one for each new one?
void life_with_a_past(benchmark::State& state) {
    const auto remembered = static_cast<std::uint64_t>(state.range(0));
    Bench bench(10, 1, 0, remembered);
    for (std::uint64_t done = 0; done < remembered + remembered / 2;) {
        done += bench.live();
    }
    live(state, bench);
}
BENCHMARK(life_with_a_past)->Arg(10'000)->Arg(1'000'000);

// What does it cost while this many others wait?
void life_beside_a_backlog(benchmark::State& state) {
    const auto queued = static_cast<std::uint64_t>(state.range(0));
    Bench bench(10, 1, queued);
    bench.queue_up(queued);
    live(state, bench);
}
BENCHMARK(life_beside_a_backlog)->Arg(1'000)->Arg(1'000'000);

// What does it cost while tasks wait in this many queues?
void life_among_queues(benchmark::State& state) {
    Bench bench(10, 1, 0);
    bench.open_queues(static_cast<std::uint64_t>(state.range(0)));
    live(state, bench);
}
BENCHMARK(life_among_queues)->Arg(1)->Arg(100)->Arg(2'000);

// What does it cost with this many workers?
void life_among_workers(benchmark::State& state) {
    Bench bench(static_cast<std::uint32_t>(state.range(0)), 1, 0);
    live(state, bench);
}
BENCHMARK(life_among_workers)->Arg(10)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace penstock::broker
