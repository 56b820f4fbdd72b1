#include "producer/cli/outcome.hpp"

#include <fmt/format.h>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "producer/cli/describe.hpp"
#include "producer/cli/waiting.hpp"
#include "producer/cli/write_files.hpp"
#include "producer/client/mailbox.hpp"

namespace penstock::cli {
namespace {

int print_failure(const TaskResult& result, const std::string& type, const Output& output) {
    const std::string task =
        type.empty() ? to_text(result.id) : fmt::format("{} ({})", to_text(result.id), type);
    output.error(fmt::format("task {} is {}", task, failure_words(result)));
    return exit_status(exit_code(result));
}

// Saves the result's bytes, or tells of them. False: they could not be written.
bool save(const TaskResult& result, const std::string& out, const Output& output) {
    const ByteView payload = result.output.payload.view();
    if (out.empty()) {
        if (!payload.empty()) {
            output.note(fmt::format("The result also has {} of data: --out FILE saves it.",
                                    size_words(payload.size())));
        }
        return true;
    }
    const Result<void> written = write_result(out, payload);
    if (!written) {
        output.error(fmt::format("{}; the result is kept: penstock task result {} --out FILE",
                                 written.error().message, to_text(result.id)));
    }
    return written.has_value();
}

int print_result(const TaskResult& result, const std::string& out, const Output& output) {
    if (!save(result, out, output)) {
        return exit_status(ExitCode::error);
    }
    if (out == "-") {
        return exit_status(ExitCode::ok);
    }
    const Result<Value> value = value_from_msgpack(result.output.args.view());
    if (!value) {
        output.error(fmt::format("the result of task {} is no MessagePack value: {}",
                                 to_text(result.id), value.error().message));
        return exit_status(ExitCode::error);
    }
    output.value(*value);
    return exit_status(ExitCode::ok);
}

std::string next_step(const AwaitedTask& task) {
    return task.accepted ? "the task was accepted: penstock task result " + to_text(task.id)
                         : unconfirmed_words(task.id);
}

int print_unfinished(Wake wake, const AwaitedTask& task, const Interrupt& interrupt,
                     const Output& output) {
    if (wake == Wake::timed_out) {
        output.error("the wait is over, " + next_step(task));
        return exit_status(ExitCode::wait_timed_out);
    }
    return print_interrupted(task, interrupt, output);
}

int print_error(const Error& error, const AwaitedTask& task, const Output& output) {
    if (error.code != ErrorCode::unavailable) {
        return report(output, {error.code, to_text(task.id) + ": " + error.message});
    }
    const int status = report(output, error);
    output.error(next_step(task));
    return status;
}

int print_end(const Result<TaskResult>& result, const AwaitedTask& task, const Output& output) {
    if (!result) {
        return print_error(result.error(), task, output);
    }
    return exit_code(*result) == ExitCode::ok ? print_result(*result, task.out, output)
                                              : print_failure(*result, task.type, output);
}

}  // namespace

std::string unconfirmed_words(const TaskId& id) {
    return fmt::format(
        "the broker has not confirmed the task: submit it again with --id {}, which is safe",
        to_text(id));
}

int print_interrupted(const AwaitedTask& task, const Interrupt& interrupt, const Output& output) {
    const std::string id = to_text(task.id);
    if (output.json()) {
        output.value({{"id", id}, {"state", nullptr}, {"accepted", task.accepted}});
    } else {
        output.line(id);
    }
    output.note("Interrupted, " + next_step(task));
    return exit_status(interrupt.signal());
}

int wait_and_print(const StartTask& start, const AwaitedTask& task, const Globals& globals,
                   const Output& output) {
    using News = std::variant<client::Receipt, Result<TaskResult>>;
    using Inbox = client::Mailbox<News>;
    // Shared with the callbacks, which run at the latest when the client ends.
    const auto inbox = std::make_shared<Inbox>();
    const Interrupt interrupt;
    const auto deadline = deadline_of(globals);
    const auto on_accepted = [inbox](const TaskId&, const Result<client::Receipt>& receipt) {
        if (receipt) {
            inbox->push(*receipt);
        }
    };
    start(on_accepted,
          [inbox](const TaskId&, Result<TaskResult> result) { inbox->push(std::move(result)); });

    AwaitedTask known = task;
    std::vector<News> news;
    while (true) {
        const Wake wake = wait({.news = inbox->descriptor(), .deadline = deadline}, interrupt);
        inbox->take(news);
        for (const News& one : news) {
            if (const auto* result = std::get_if<Result<TaskResult>>(&one)) {
                return print_end(*result, known, output);
            }
            known.accepted = true;
        }
        if (wake != Wake::news) {
            return print_unfinished(wake, known, interrupt, output);
        }
    }
}

}  // namespace penstock::cli
