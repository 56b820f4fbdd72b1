// What does a task cost in the scheduler, without codec and sockets? Each benchmark takes tasks
// through a whole life in batches of 100 (SUBMIT, DISPATCH, OUTCOME, RESULT and SETTLED) with 100
// bytes of arguments each; `per_task` is the figure to look at. It must not grow with the number
// of tasks that wait, nor with the number of workers; of the lanes in which tasks wait, a turn
// (which is shared by all the tasks that it brings) looks at each once.
#include <benchmark/benchmark.h>

#include "bench/scheduler_bed.hpp"

namespace penstock::bench {
namespace {

void live(benchmark::State& state, SchedulerBed& bench) {
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
    SchedulerBed bench(10, 1, 0);
    live(state, bench);
}
BENCHMARK(one_life);

// What does it cost in a broker that remembers so many ends, and forgets one for each new one?
void life_with_a_past(benchmark::State& state) {
    const auto remembered = static_cast<std::uint64_t>(state.range(0));
    SchedulerBed bench(10, 1, 0, remembered);
    for (std::uint64_t done = 0; done < remembered + remembered / 2;) {
        done += bench.live();
    }
    live(state, bench);
}
BENCHMARK(life_with_a_past)->Arg(10'000)->Arg(1'000'000);

// What does it cost while this many others wait?
void life_beside_a_backlog(benchmark::State& state) {
    const auto queued = static_cast<std::uint64_t>(state.range(0));
    SchedulerBed bench(10, 1, queued);
    bench.queue_up(queued);
    live(state, bench);
}
BENCHMARK(life_beside_a_backlog)->Arg(1'000)->Arg(1'000'000);

// What does it cost while tasks wait in this many queues?
void life_among_queues(benchmark::State& state) {
    SchedulerBed bench(10, 1, 0);
    bench.open_queues(static_cast<std::uint64_t>(state.range(0)));
    live(state, bench);
}
BENCHMARK(life_among_queues)->Arg(1)->Arg(100)->Arg(2'000);

// What does it cost with this many workers?
void life_among_workers(benchmark::State& state) {
    SchedulerBed bench(static_cast<std::uint32_t>(state.range(0)), 1, 0);
    live(state, bench);
}
BENCHMARK(life_among_workers)->Arg(10)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace penstock::bench
