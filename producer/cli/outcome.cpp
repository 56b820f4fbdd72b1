#include "producer/cli/outcome.hpp"

#include <fmt/format.h>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "producer/cli/describe.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/waiting.hpp"
#include "producer/client/mailbox.hpp"

namespace penstock::cli {
namespace {

int print_failure(const TaskResult& result, const std::string& type, const Output& output) {
    const std::string task =
        type.empty() ? to_text(result.id) : fmt::format("{} ({})", to_text(result.id), type);
    output.error(fmt::format("task {} is {}", task, failure_words(result)));
    return exit_status(exit_code(result));
}

int print_result(const TaskResult& result, const Keep& keep, const Output& output) {
    const Result<Value> value = value_from_msgpack(result.output.args.view());
    if (!value) {
        output.error("the result is no MessagePack value: " + value.error().message);
        return exit_status(ExitCode::error);
    }
    const ByteView payload = result.output.payload.view();
    if (!keep.file.empty()) {
        if (const auto written = write_file(keep.file, payload, Existing::overwrite); !written) {
            return report(output, written.error());
        }
    } else if (!payload.empty()) {
        output.note(fmt::format("The result also has {} of data: --out FILE saves it.",
                                size_words(payload.size())));
    }
    output.value(*value);
    return exit_status(ExitCode::ok);
}

int print_still_running(Wake wake, const TaskId& id, const Interrupt& interrupt,
                        const Output& output) {
    const std::string text = to_text(id);
    if (wake == Wake::interrupted) {
        output.line(text);
        output.note(fmt::format("The task goes on: penstock task result {}", text));
        return exit_status(interrupt.signal());
    }
    output.error(fmt::format("the wait is over, the task goes on: penstock task result {}", text));
    return exit_status(ExitCode::wait_timed_out);
}

}  // namespace

int wait_and_print(const std::function<void(client::OnFinished)>& start, const TaskId& id,
                   const std::string& type, const Keep& keep, const Globals& globals,
                   const Output& output) {
    using Inbox = client::Mailbox<Result<TaskResult>>;
    // Shared with the callback, which runs at the latest when the client ends.
    const auto inbox = std::make_shared<Inbox>();
    const Interrupt interrupt;
    const auto deadline = deadline_of(globals);
    start([inbox](const TaskId&, Result<TaskResult> result) { inbox->push(std::move(result)); });

    std::vector<Result<TaskResult>> results;
    while (results.empty()) {
        const Wake wake = wait({.news = inbox->descriptor(), .deadline = deadline}, interrupt);
        inbox->take(results);
        if (results.empty() && wake != Wake::news) {
            return print_still_running(wake, id, interrupt, output);
        }
    }
    const Result<TaskResult>& result = results.front();
    if (!result) {
        const Error& error = result.error();
        const bool of_task = error.code != ErrorCode::unavailable;
        return report(output,
                      of_task ? Error{error.code, to_text(id) + ": " + error.message} : error);
    }
    return exit_code(*result) == ExitCode::ok ? print_result(*result, keep, output)
                                              : print_failure(*result, type, output);
}

}  // namespace penstock::cli
