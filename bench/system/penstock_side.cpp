#include "bench/system/penstock_side.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "bench/system/answers.hpp"
#include "bench/system/child_programs.hpp"
#include "bench/system/window.hpp"

namespace penstock::bench {
namespace {

client::NewTask stamped_task(const Stamp& stamp) {
    return {client::new_task_id(), {{}, SharedBytes::copy_of(stamped_body(stamp))}};
}

}  // namespace

Result<std::unique_ptr<PenstockSide>> PenstockSide::start(const Folder& folder, Durability level) {
    const std::string name(penstock::name(level));
    const std::string frontend = folder.endpoint(name + "-front.sock");
    const std::string backend = folder.endpoint(name + "-back.sock");
    // Empty, whatever a side before has left there: a broker first reads all of it.
    const std::filesystem::path data = folder.path() / "data";
    std::error_code ignored;
    std::filesystem::remove_all(data, ignored);
    std::vector<std::string> arguments{"--frontend", frontend, "--backend",
                                       backend,      "--data", data.string()};
    if (level == Durability::memory) {
        arguments.emplace_back("--memory");
    }
    Result<process::Child> broker = start_program("penstock-broker", std::move(arguments));
    if (!broker) {
        return tl::unexpected(broker.error());
    }
    Result<process::Child> worker = start_program(
        "penstock-worker",
        {"--broker", backend, "--processes", std::to_string(worker_processes), "--metrics", "off"});
    if (!worker) {
        return tl::unexpected(worker.error());
    }
    Result<client::Client> client = client::Client::create({.server = frontend});
    if (!client) {
        return tl::unexpected(client.error());
    }
    std::unique_ptr<PenstockSide> side(new PenstockSide(std::move(*broker), std::move(*worker),
                                                        std::move(*client), frontend, level));
    return side->wait_for_workers().map([&] { return std::move(side); });
}

PenstockSide::~PenstockSide() {
    ask_to_end(worker_);
    ask_to_end(broker_);
}

// Each answer of the broker sets the pace for the next question.
Result<void> PenstockSide::wait_for_workers() {
    protocol::Query query;
    query.what = protocol::QueryKind::workers;
    const TimePoint deadline = steady_now() + patience;
    while (steady_now() < deadline) {
        const Result<protocol::Answer> answer = client_.query(query).get();
        if (!answer) {
            return tl::unexpected(answer.error());
        }
        const auto* rows = std::get_if<std::vector<protocol::WorkerRow>>(&answer->rows);
        if (rows != nullptr && rows->size() == worker_processes) {
            return {};
        }
    }
    return fail(ErrorCode::unavailable, "the worker processes have not joined the broker");
}

Measured PenstockSide::echo(const Load& load) {
    auto run = std::make_unique<EchoRun>(client_, options_, runs_++, load);
    const TimePoint start = steady_now();
    if (!run->run()) {
        // Who still writes the books may not be asked; all that is certain is that some are
        // missing.
        given_up_.push_back(std::move(run));
        return {.answers = 0, .faults = 1, .elapsed = steady_now() - start, .latencies_us = {}};
    }
    if (run->last_rejected()) {
        last_rejected_ = run->last_rejected();
    }
    return run->measured();
}

Result<Duration> PenstockSide::archive_lag() {
    const TimePoint start = steady_now();
    protocol::ArchiveRequest request;
    request.action = protocol::ArchiveAction::get;
    while (last_rejected_) {
        request.ids = {*last_rejected_};
        const Result<protocol::ArchiveReply> reply = client_.archive(request).get();
        if (!reply || reply->error) {
            return tl::unexpected(reply ? *reply->error : reply.error());
        }
        if (!reply->tasks.empty()) {
            break;
        }
        if (steady_now() - start > patience) {
            return fail(ErrorCode::unavailable, "a dead task is not in the archive");
        }
    }
    return steady_now() - start;
}

Result<protocol::BrokerRow> PenstockSide::broker() {
    protocol::Query query;
    query.what = protocol::QueryKind::broker;
    const Result<protocol::Answer> answer = client_.query(query).get();
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    const auto* rows = std::get_if<std::vector<protocol::BrokerRow>>(&answer->rows);
    if (rows == nullptr || rows->size() != 1) {
        return fail(ErrorCode::unavailable, "the broker does not say how it is");
    }
    return rows->front();
}

Measured PenstockSide::round_trips(Duration duration) {
    const std::uint32_t number = runs_++;
    Answers answers(number);
    Measured measured;
    std::uint32_t sent = 0;
    const TimePoint start = steady_now();
    while (steady_now() - start < duration) {
        client::NewTask task = stamped_task({number, sent++});
        const TimePoint begin = steady_now();
        std::future<Result<TaskResult>> end =
            client_.run({echo_type, "default", options_}, std::move(task));
        if (end.wait_for(patience) != std::future_status::ready) {
            break;
        }
        const Result<TaskResult> result = end.get();
        measured.latencies_us.push_back(microseconds_since(begin));
        if (result && result->state == TaskState::completed) {
            answers.take(result->output.payload.view());
        } else {
            answers.take_error();
        }
    }
    measured.elapsed = steady_now() - start;
    measured.answers = answers.right();
    measured.faults = answers.faults(sent);
    return measured;
}

Measured PenstockSide::known_tasks(const Load& load, const std::vector<KnownTask>& tasks) {
    struct Run {
        explicit Run(std::size_t size) : window(size) {}
        Window window;
        std::uint64_t right = 0;  // of the socket thread, until the window is drained
    };
    const auto run = std::make_shared<Run>(load.window);
    std::uint64_t sent = 0;
    const TimePoint start = steady_now();
    while (steady_now() - start < load.duration &&
           run->window.take(1, 1, steady_now() + patience) == 1) {
        const KnownTask& task = tasks[sent++ % tasks.size()];
        client_.run({task.type, "default", options_}, {{client::new_task_id(), task.input}},
                    [run, expected = task.expected](const TaskId&, const Result<TaskResult>& end) {
                        run->right += end && end->output.payload == expected ? 1U : 0U;
                        run->window.give_back();
                    });
    }
    const bool drained = run->window.drain(steady_now() + patience);
    const std::uint64_t right = drained ? run->right : 0;
    return {.answers = right,
            .faults = sent - right,
            .elapsed = steady_now() - start,
            .latencies_us = {}};
}

}  // namespace penstock::bench
