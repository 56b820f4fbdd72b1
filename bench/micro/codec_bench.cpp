// What does a task cost in the codec? One SUBMIT, DISPATCH, OUTCOME or RESULT of 100 tasks with
// 100 bytes of arguments each, encoded and decoded; the time per task is that of a message divided
// by 100. At a million tasks a second a broker decodes two of these messages and encodes two, so
// the four of them have to stay well under 1000 ns per task.
#include <benchmark/benchmark.h>
#include <string>

#include "common/protocol/codec.hpp"

namespace penstock::protocol {
namespace {

constexpr std::size_t tasks = 100;
constexpr std::size_t argument_bytes = 100;
constexpr Epoch epoch{7};

TaskId task_id(std::size_t number) {
    return make_task_id(1'700'000'000'000, number, number);
}

Body body() {
    return {SharedBytes::copy_of(std::string(argument_bytes, 'a')), {}};
}

Lease lease(std::size_t number) {
    return {task_id(number), epoch, 1, 0x0123456789abcdef};
}

Message submit() {
    Submit message{"math.square", "default", {}, {}};
    for (std::size_t i = 0; i < tasks; ++i) {
        message.tasks.push_back({task_id(i), body()});
    }
    return message;
}

Message dispatch() {
    DispatchGroup group{"math.square", "default", std::chrono::minutes(10), {}};
    for (std::size_t i = 0; i < tasks; ++i) {
        group.tasks.push_back({lease(i), body()});
    }
    return Dispatch{epoch, {group}};
}

Message outcome() {
    OutcomeBatch message{epoch, {}};
    for (std::size_t i = 0; i < tasks; ++i) {
        message.outcomes.push_back({lease(i), 0, std::chrono::microseconds(1500), {}, body()});
    }
    return message;
}

Message result() {
    ResultBatch message;
    for (std::size_t i = 0; i < tasks; ++i) {
        TaskResult task;
        task.id = task_id(i);
        task.attempts = 1;
        task.site = {"worker-1.example.org", 4242, 3};
        task.run = std::chrono::microseconds(1500);
        task.output = body();
        message.results.push_back(std::move(task));
    }
    return message;
}

void report_per_task(benchmark::State& state) {
    const auto count = static_cast<double>(state.iterations()) * static_cast<double>(tasks);
    state.counters["task"] =
        benchmark::Counter(count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void encoding(benchmark::State& state, Message (*make)()) {
    const Message message = make();
    for (auto _ : state) {
        benchmark::DoNotOptimize(encode(message));
    }
    report_per_task(state);
}

void decoding(benchmark::State& state, Message (*make)()) {
    const Frames frames = encode(make());
    const Limits limits;
    for (auto _ : state) {
        Result<Message> message = decode(frames, limits);
        if (!message) {
            state.SkipWithError("the message was refused");
            break;
        }
        benchmark::DoNotOptimize(message);
    }
    report_per_task(state);
}

BENCHMARK_CAPTURE(encoding, submit, submit);
BENCHMARK_CAPTURE(decoding, submit, submit);
BENCHMARK_CAPTURE(encoding, dispatch, dispatch);
BENCHMARK_CAPTURE(decoding, dispatch, dispatch);
BENCHMARK_CAPTURE(encoding, outcome, outcome);
BENCHMARK_CAPTURE(decoding, outcome, outcome);
BENCHMARK_CAPTURE(encoding, result, result);
BENCHMARK_CAPTURE(decoding, result, result);

}  // namespace
}  // namespace penstock::protocol
