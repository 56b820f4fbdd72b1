#include "bench/system/echo_run.hpp"

#include <thread>
#include <utility>

namespace penstock::bench {
namespace {

// Without arguments it rejects its task.
constexpr const char* rejecting_type = "math.double";

}  // namespace

EchoRun::EchoRun(client::Client& client, const TaskOptions& options, std::uint32_t number,
                 const Load& load)
    : client_(client),
      echo_{echo_type, "default", options},
      rejecting_{rejecting_type, "default", options},
      number_(number),
      load_(load),
      free_(load.window),
      answers_(number) {}

bool EchoRun::run() {
    start_ = end_ = steady_now();
    send_call();
    std::this_thread::sleep_until(start_ + load_.duration);
    is_over_.store(true, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return has_ended_; });
}

Measured EchoRun::measured() {
    return {.answers = answers_.right(),
            .faults = answers_.faults(sent_),
            .elapsed = end_ - start_,
            .latencies_us = std::move(latencies_us_)};
}

void EchoRun::send_call() {
    std::vector<client::NewTask> tasks;
    tasks.reserve(load_.per_call);
    while (tasks.size() < load_.per_call) {
        const Stamp stamp{number_, sent_++};
        tasks.push_back({client::new_task_id(), {{}, SharedBytes::copy_of(stamped_body(stamp))}});
    }
    free_ -= load_.per_call;
    rejected_last_ = false;
    const bool is_timed = load_.measure != Load::Measure::rate;
    const TimePoint now = is_timed ? steady_now() : TimePoint();
    client::OnFinished on_finished = [this, now](const TaskId&, const Result<TaskResult>& end) {
        take(end, now);
    };
    if (load_.measure != Load::Measure::receipts) {
        client_.run(echo_, std::move(tasks), std::move(on_finished));
        return;
    }
    unconfirmed_ += load_.per_call;
    client_.run(
        echo_, std::move(tasks),
        [this, now](const TaskId&, const Result<client::Receipt>&) { accepted(now); },
        std::move(on_finished));
}

void EchoRun::send_rejected() {
    ++rejected_;
    ++rejected_open_;
    --free_;
    rejected_last_ = true;
    last_rejected_ = client::new_task_id();
    client_.run(rejecting_, {{*last_rejected_, {}}},
                client::OnFinished(
                    [this](const TaskId&, const Result<TaskResult>& end) { take_rejected(end); }));
}

void EchoRun::accepted(TimePoint sent) {
    --unconfirmed_;
    if (sent != last_call_) {
        last_call_ = sent;
        latencies_us_.push_back(microseconds_since(sent));
    }
    // After the end only where there is none, but an error.
    end_if_all_are_told();
}

void EchoRun::take(const Result<TaskResult>& result, TimePoint sent) {
    if (load_.measure == Load::Measure::ends) {
        latencies_us_.push_back(microseconds_since(sent));
    }
    if (result && result->state == TaskState::completed) {
        answers_.take(result->output.payload.view());
    } else {
        answers_.take_error();
    }
    make_up_for_one();
}

void EchoRun::take_rejected(const Result<TaskResult>& result) {
    --rejected_open_;
    if (!result || result->dead_reason != DeadReason::rejected) {
        answers_.take_error();
    }
    make_up_for_one();
}

void EchoRun::make_up_for_one() {
    ++free_;
    if (!is_over_.load(std::memory_order_relaxed)) {
        while (free_ > 0 && owes_rejected()) {
            send_rejected();
        }
        while (free_ >= load_.per_call) {
            send_call();
        }
    }
    end_if_all_are_told();
}

void EchoRun::end_if_all_are_told() {
    if (free_ == load_.window && unconfirmed_ == 0) {
        end_ = steady_now();
        const std::lock_guard lock(mutex_);
        has_ended_ = true;
        changed_.notify_one();
    }
}

bool EchoRun::owes_rejected() const {
    // However slow the others are, they have their turn.
    const bool others_are_under_way = free_ + rejected_open_ < load_.window;
    return load_.dead_per_s > 0 && (others_are_under_way || !rejected_last_) &&
           rejected_ <
               load_.dead_per_s * std::chrono::duration<double>(steady_now() - start_).count();
}

}  // namespace penstock::bench
