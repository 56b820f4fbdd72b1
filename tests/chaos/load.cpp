// A producer that never stops submitting, and notes all it does and is told: chaos-load PLAN, where
// PLAN is a JSON object with the fields of `Plan`. SIGTERM ends the submitting; then it waits for
// every end and leaves.
#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <poll.h>
#include <random>
#include <vector>

#include "common/process/shutdown.hpp"
#include "producer/client/client.hpp"
#include "producer/client/values.hpp"
#include "tests/chaos/json_lines.hpp"
#include "tests/chaos/payload_letters.hpp"

namespace penstock::chaos {
namespace {

using std::chrono::milliseconds;

// Every so-manieth task is special; 0: none is.
struct Plan {
    std::string server;
    std::string history;  // the file for what happens
    std::vector<std::string> queues;
    std::uint64_t seed = 0;
    std::uint64_t rate = 500;         // tasks a second
    std::uint64_t window = 2000;      // tasks that have not ended; no more are submitted meanwhile
    std::uint64_t count = 0;          // tasks in all; 0: until SIGTERM
    std::uint64_t long_every = 0;     // takes up to 1.5 s, in a slot for waiting
    std::uint64_t payload_every = 0;  // has a payload of 70 KiB, more than a header holds
    std::uint64_t shared_every = 0;   // has one of 300 KiB, which comes back in the result: both
                                      // lie in shared memory
    std::uint64_t cancel_every = 0;   // is to be cancelled as soon as it is accepted
    std::uint64_t hog_mb = 0;         // all tasks want so much memory
};

Plan plan_from(const Value& text) {
    Plan plan;
    plan.server = text.at("server");
    plan.history = text.at("history");
    plan.queues = text.at("queues");
    const auto number = [&](const char* name, std::uint64_t& field) {
        field = text.value(name, field);
    };
    number("seed", plan.seed);
    number("rate", plan.rate);
    number("window", plan.window);
    number("count", plan.count);
    number("long_every", plan.long_every);
    number("payload_every", plan.payload_every);
    number("shared_every", plan.shared_every);
    number("cancel_every", plan.cancel_every);
    number("hog_mb", plan.hog_mb);
    return plan;
}

bool is_special(std::uint64_t number, std::uint64_t every) {
    return every != 0 && number % every == 0;
}

class Load {
  public:
    Load(Plan plan, client::Client& client)
        : plan_(std::move(plan)), client_(client), random_(plan_.seed), history_(plan_.history) {}

    // Submits until the count is reached or a signal has come.
    void run(process::SignalQueue& signals);
    // Until every task that was submitted has ended, however long that takes.
    void wait_for_ends();

  private:
    struct Batch {
        client::Submission submission;
        std::vector<client::NewTask> tasks;
    };

    void submit(std::uint64_t tasks);
    [[nodiscard]] std::pair<std::string, client::NewTask> next_task();
    void hand_over(Batch batch);
    void on_accepted(const TaskId& id, const Result<client::Receipt>& receipt);
    void on_finished(const TaskId& id, const Result<TaskResult>& result);
    [[nodiscard]] std::uint64_t room();

    const Plan plan_;
    client::Client& client_;
    std::mt19937_64 random_;
    JsonLines history_;
    std::uint64_t submitted_ = 0;
    std::uint64_t accepted_ = 0;  // of the client's thread
    // What the client's thread tells this one.
    std::mutex mutex_;
    std::condition_variable ended_;
    std::uint64_t open_ = 0;
};

void Load::run(process::SignalQueue& signals) {
    constexpr int turn_ms = 10;
    pollfd signal{.fd = signals.descriptor(), .events = POLLIN, .revents = 0};
    const double began = seconds_now();
    while (plan_.count == 0 || submitted_ < plan_.count) {
        const auto due =
            static_cast<std::uint64_t>((seconds_now() - began) * static_cast<double>(plan_.rate)) +
            1;
        std::uint64_t tasks = std::min(due - std::min(due, submitted_), room());
        if (plan_.count != 0) {
            tasks = std::min(tasks, plan_.count - submitted_);
        }
        submit(tasks);
        if (::poll(&signal, 1, turn_ms) > 0) {
            return;
        }
    }
}

void Load::wait_for_ends() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return open_ == 0; });
}

std::uint64_t Load::room() {
    const std::lock_guard lock(mutex_);
    return plan_.window - std::min(plan_.window, open_);
}

void Load::submit(std::uint64_t tasks) {
    constexpr std::uint64_t batch_max = 200;
    tasks = std::min(tasks, batch_max);
    std::map<std::string, Batch> batches;  // by type
    const std::string& queue = plan_.queues[random_() % plan_.queues.size()];
    for (std::uint64_t i = 0; i < tasks; ++i) {
        auto [type, task] = next_task();
        Batch& batch = batches[type];
        batch.submission = {.type = type, .queue = queue, .options = {}};
        batch.submission.options.durability = Durability::disk;
        batch.submission.options.backoff_base = milliseconds(100);
        batch.tasks.push_back(std::move(task));
    }
    for (auto& [type, batch] : batches) {
        hand_over(std::move(batch));
    }
}

std::pair<std::string, client::NewTask> Load::next_task() {
    constexpr std::uint64_t short_ms_max = 2;
    constexpr std::uint64_t long_ms_max = 1'500;
    constexpr std::size_t payload_bytes = 70U << 10U;
    constexpr std::size_t shared_bytes = 300U << 10U;
    const std::uint64_t number = ++submitted_;
    if (plan_.hog_mb > 0) {
        return {"chaos.hog", client::make_task({{"n", number}, {"mb", plan_.hog_mb}})};
    }
    const bool is_long = is_special(number, plan_.long_every);
    const std::uint64_t ms = random_() % (is_long ? long_ms_max : short_ms_max);
    SharedBytes payload;
    if (is_special(number, plan_.shared_every)) {
        payload = SharedBytes::copy_of(std::string(shared_bytes, letter_of(number)));
    } else if (is_special(number, plan_.payload_every)) {
        payload = SharedBytes::copy_of(std::string(payload_bytes, letter_of(number)));
    }
    return {is_long ? "chaos.wait" : "chaos.work",
            client::make_task({{"n", number}, {"ms", ms}}, std::move(payload))};
}

void Load::hand_over(Batch batch) {
    std::string lines;
    for (const client::NewTask& task : batch.tasks) {
        Value line = event("submit");
        line["id"] = to_text(task.id);
        line["queue"] = batch.submission.queue;
        line["args"] = value_from_msgpack(task.body.args.view()).value();
        line["bytes"] = task.body.payload.size();
        lines += json_from_value(line) + '\n';
    }
    history_.write(lines);
    {
        const std::lock_guard lock(mutex_);
        open_ += batch.tasks.size();
    }
    client_.run(
        batch.submission, std::move(batch.tasks),
        [this](const TaskId& id, const Result<client::Receipt>& told) { on_accepted(id, told); },
        [this](const TaskId& id, const Result<TaskResult>& told) { on_finished(id, told); });
}

void Load::on_accepted(const TaskId& id, const Result<client::Receipt>& receipt) {
    if (!receipt) {
        return;  // told once more, as the end
    }
    Value line = event("receipt");
    line["id"] = to_text(id);
    line["level"] = name(receipt->durability);
    line["epoch"] = receipt->epoch.value;
    history_.note(line);
    if (is_special(++accepted_, plan_.cancel_every)) {
        Value asked = event("cancel");
        asked["id"] = to_text(id);
        history_.note(asked);
        static_cast<void>(client_.cancel(id));
    }
}

void Load::on_finished(const TaskId& id, const Result<TaskResult>& result) {
    Value line = event(result ? "end" : "error");
    line["id"] = to_text(id);
    if (!result) {
        line["error"] = name(result.error().code);
        line["message"] = result.error().message;
    } else {
        line["state"] = name(result->state);
        line["reason"] = name(result->dead_reason);
        line["attempts"] = result->attempts;
        line["pid"] = result->site.pid;
        const Value value = client::value_of(result).value_or(Value());
        if (!result->output.payload.empty()) {
            line["wrong"] = wrong_bytes(result->output.payload.view(), value.at("n"));
        }
        line["value"] = value;
        line["error"] = result->error ? Value(name(result->error->code)) : Value();
    }
    history_.note(line);
    const std::lock_guard lock(mutex_);
    --open_;
    ended_.notify_all();
}

int run(const char* text) {
    process::SignalQueue signals;
    const Result<Value> value = value_from_json(text);
    if (!value) {
        std::cerr << "chaos-load: " << value.error().message << '\n';
        return 2;
    }
    const Plan plan = plan_from(*value);
    // For ever: what keeps the broker away is the test's affair.
    auto client = client::Client::create(
        {.server = plan.server, .name = "chaos", .connect_timeout = milliseconds(0)});
    if (!client) {
        std::cerr << "chaos-load: " << client.error().message << '\n';
        return 2;
    }
    Load load(plan, *client);
    load.run(signals);
    load.wait_for_ends();
    return 0;
}

}  // namespace
}  // namespace penstock::chaos

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "Usage: chaos-load PLAN\n";
        return 2;
    }
    return penstock::chaos::run(argv[1]);
}
