#include "bench/system/backlog_side.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bench/system/child_programs.hpp"
#include "bench/system/measured.hpp"

namespace penstock::bench {
namespace {

constexpr std::size_t backlog_per_call = 1'000;

// Receipts that are waited for; those of millions of tasks take longer than one answer may.
struct Receipts {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t confirmed = 0;
    std::uint64_t refused = 0;

    void take(bool accepted) {
        const std::lock_guard lock(mutex);
        ++(accepted ? confirmed : refused);
        changed.notify_one();
    }
    // False: nothing has come for too long, or one was refused.
    bool wait_for(std::uint64_t count) {
        std::unique_lock lock(mutex);
        while (confirmed < count && refused == 0) {
            const std::uint64_t before = confirmed;
            if (!changed.wait_for(lock, patience,
                                  [&] { return confirmed > before || refused > 0; })) {
                return false;
            }
        }
        return refused == 0;
    }
};

std::vector<client::NewTask> waiting_tasks(std::uint64_t count) {
    static const SharedBytes payload = SharedBytes::copy_of(std::string(backlog_body_bytes, 'b'));
    std::vector<client::NewTask> tasks;
    for (std::uint64_t n = 0; n < count; ++n) {
        tasks.push_back({client::new_task_id(), {{}, payload}});
    }
    return tasks;
}

}  // namespace

Result<std::unique_ptr<BacklogSide>> BacklogSide::start(const Folder& folder) {
    const std::string frontend = folder.endpoint("backlog-front.sock");
    const std::string backend = folder.endpoint("backlog-back.sock");
    Result<process::Child> broker =
        start_program("penstock-broker", {"--frontend", frontend, "--backend", backend, "--data",
                                          (folder.path() / "backlog").string(), "--queue-tasks-max",
                                          "100000000", "--queue-bytes-max", "64GiB", "--tasks-max",
                                          "100000000", "--bytes-max", "64GiB"});
    if (!broker) {
        return tl::unexpected(broker.error());
    }
    Result<client::Client> client = client::Client::create({.server = frontend});
    if (!client) {
        return tl::unexpected(client.error());
    }
    return std::unique_ptr<BacklogSide>(
        new BacklogSide(std::move(*broker), std::move(*client), backend));
}

BacklogSide::~BacklogSide() {
    ask_to_end(broker_);
}

Result<Duration> BacklogSide::add(std::uint64_t tasks) {
    TaskOptions options;
    options.notify = false;
    const client::Submission submission{"test.echo", "default", options};
    const auto receipts = std::make_shared<Receipts>();
    const TimePoint start = steady_now();
    for (std::uint64_t sent = 0; sent < tasks;) {
        const std::uint64_t count = std::min<std::uint64_t>(backlog_per_call, tasks - sent);
        client_.submit(submission, waiting_tasks(count),
                       [receipts](const TaskId&, const Result<client::Receipt>& receipt) {
                           receipts->take(receipt.has_value());
                       });
        sent += count;
    }
    if (!receipts->wait_for(tasks)) {
        return fail(ErrorCode::unavailable, "the broker does not take the backlog's tasks");
    }
    return steady_now() - start;
}

Result<std::uint64_t> BacklogSide::resident_bytes() const {
    std::ifstream status("/proc/" + std::to_string(broker_.pid()) + "/status");
    for (std::string word; status >> word;) {
        std::uint64_t kib = 0;
        if (word == "VmRSS:" && status >> kib) {
            return kib << 10U;
        }
    }
    return fail(ErrorCode::unavailable, "the kernel does not tell what the broker has in memory");
}

Result<Duration> BacklogSide::list_page() {
    protocol::Query query;
    query.what = protocol::QueryKind::tasks;
    query.limit = 100;
    const TimePoint start = steady_now();
    const Result<protocol::Answer> answer = client_.query(query).get();
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    const auto* rows = std::get_if<std::vector<protocol::TaskRow>>(&answer->rows);
    if (rows == nullptr || rows->size() != query.limit) {
        return fail(ErrorCode::unavailable, "the broker does not list a whole page of tasks");
    }
    return steady_now() - start;
}

Result<std::uint64_t> BacklogSide::completed() {
    protocol::Query query;
    query.what = protocol::QueryKind::queues;
    const Result<protocol::Answer> answer = client_.query(query).get();
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    const auto* rows = std::get_if<std::vector<protocol::QueueRow>>(&answer->rows);
    if (rows == nullptr || rows->size() != 1) {
        return fail(ErrorCode::unavailable, "the broker does not say how its queue is");
    }
    return rows->front().counts[static_cast<std::size_t>(TaskState::completed) - 1];
}

Result<BacklogSide::Run> BacklogSide::run_some(std::uint64_t tasks) {
    const Result<std::uint64_t> before = completed();
    if (!before) {
        return tl::unexpected(before.error());
    }
    Result<process::Child> worker =
        start_program("penstock-worker", {"--broker", backend_, "--processes",
                                          std::to_string(worker_processes), "--metrics", "off"});
    if (!worker) {
        return tl::unexpected(worker.error());
    }
    // From the last answer in which nothing was done: before it, the workers were starting.
    TimePoint start;
    Run run;
    const TimePoint deadline = steady_now() + patience + std::chrono::microseconds(100 * tasks);
    while (run.tasks < tasks && steady_now() < deadline) {
        const TimePoint asked = steady_now();
        const Result<std::uint64_t> now = completed();
        if (!now) {
            return tl::unexpected(now.error());
        }
        start = *now == *before ? asked : start;
        run = {*now - *before, steady_now() - start};
    }
    ask_to_end(*worker);
    if (run.tasks < tasks) {
        return fail(ErrorCode::unavailable, "the workers do not run the backlog's tasks");
    }
    return run;
}

}  // namespace penstock::bench
