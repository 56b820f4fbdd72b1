#include <memory>
#include <utility>

#include "producer/cli/broker_access.hpp"
#include "producer/cli/bulk.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/number_buffer.hpp"
#include "producer/cli/outcome.hpp"
#include "producer/cli/receipt.hpp"
#include "producer/cli/submission_flags.hpp"
#include "producer/client/shared_buffers.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

constexpr const char* submit_examples = R"(
$ penstock submit math.double '[1,2,3]' --wait
[2,4,6]
$ penstock submit image.resize '{"width":400}' --file in.jpg --wait --out out.jpg
{…}
# a buffer that the worker changes where it lies
$ penstock submit math.add_in_place '{"add":5}' --buffer int32:10 --wait
{"elements":1}
[15]
# in a second, and not at all if it has not started a minute later
$ penstock submit math.double '[4]' --delay 1s --expires 1m --wait
[8]
# one task for each line
$ seq 3 | penstock submit math.square --from-jsonl - --wait
1
4
9
3 done, …
)";
constexpr const char* submit_remarks =
    "Without --wait it prints the task's id: penstock task result ID";
constexpr const char* submit_verb_examples = R"(
$ penstock task add math.double '[1,2,3]' --wait
[2,4,6]
)";
constexpr const char* submit_verb_remarks =
    "The same as `penstock submit`, which shows more examples.";

// One task for a full queue gives up rather soon; a bulk is slowed down instead.
constexpr milliseconds busy_timeout{10'000};

struct SubmitOptions {
    SubmissionFlags task;
    std::string args;
    std::string file;
    std::string jsonl;
    std::string id;
    std::string out;
    std::string buffer;
    bool wait = false;
};

void describe_submit(CLI::App& command, SubmitOptions& options) {
    add_submission_flags(command, options.task);
    CLI::Option* const args = command.add_option("ARGS", options.args, "The arguments, as JSON");
    CLI::Option* const file = command.add_option(
        "--file", options.file, "Sends this file's bytes as the payload ('-': stdin)");
    CLI::Option* const wait =
        command.add_flag("--wait", options.wait, "Waits and prints the result alone on stdout");
    CLI::Option* const out = command.add_option(
        "--out", options.out, "Saves the result's bytes in this file ('-': stdout, and no value)");
    CLI::Option* const id = command.add_option(
        "--id", options.id, "The task's UUID; submitting it again does not run it again");
    out->needs(wait);
    CLI::Option* const buffer = command.add_option(
        "--buffer", options.buffer,
        "Shared memory with these numbers, such as int32:10,20, which the task changes in place; "
        "printed when it has ended");
    // A task that the broker knows already would not change it.
    buffer->type_name("TYPE:NUMBERS")->needs(wait)->excludes(id)->excludes(out);
    command
        .add_option("--from-jsonl", options.jsonl,
                    "One task per line, each line the arguments as JSON ('-': stdin)")
        ->excludes(args)
        ->excludes(file)
        ->excludes(id)
        ->excludes(out)
        ->excludes(buffer);
}

// What the flags say, before anybody is asked: the task without its payload.
Result<client::NewTask> read_task(const SubmitOptions& options) {
    Result<TaskId> id = options.id.empty() ? client::new_task_id() : parse_task_id(options.id);
    if (!id) {
        return tl::unexpected(id.error());
    }
    return read_args(options.args, "ARGS").map([&](SharedBytes args) {
        return client::NewTask{*id, {std::move(args), {}}};
    });
}

// The arguments, which must be an object, with what a task needs to find the buffer.
Result<SharedBytes> with_buffer(const SharedBytes& args, const NumberBuffer& buffer) {
    Result<Value> value = value_from_msgpack(args.view());
    if (value && value->is_null()) {
        *value = Value::object();
    }
    if (!value || !value->is_object()) {
        return fail(ErrorCode::malformed, "ARGS: with --buffer, an object such as {\"add\":5}");
    }
    for (const char* ours : {"buffer", "type"}) {
        if (value->contains(ours)) {
            return fail(ErrorCode::malformed,
                        std::string("ARGS: --buffer gives \"") + ours + "\" itself");
        }
    }
    value->emplace("buffer", client::reference_to(buffer.memory()));
    value->emplace("type", buffer.type_name());
    return msgpack_from_value(*value);
}

int submit_task(const SubmitOptions& options, const client::Submission& submission,
                client::NewTask task, const Globals& globals, const Output& output);

int submit_with_buffer(const SubmitOptions& options, const client::Submission& submission,
                       client::NewTask task, const Globals& globals, const Output& output) {
    const Result<NumberBuffer> buffer = NumberBuffer::parse(options.buffer);
    if (!buffer) {
        return report(output, buffer.error());
    }
    Result<SharedBytes> args = with_buffer(task.body.args, *buffer);
    if (!args) {
        return report(output, args.error());
    }
    task.body.args = std::move(*args);
    const int status = submit_task(options, submission, std::move(task), globals, output);
    if (status == static_cast<int>(process::ExitCode::ok)) {
        output.value(buffer->numbers());
    }
    return status;
}

int submit_one(const SubmitOptions& options, const client::Submission& submission,
               const Globals& globals, const Output& output) {
    Result<client::NewTask> task = read_task(options);
    if (!task) {
        return report(output, task.error());
    }
    return options.buffer.empty()
               ? submit_task(options, submission, std::move(*task), globals, output)
               : submit_with_buffer(options, submission, std::move(*task), globals, output);
}

int submit_task(const SubmitOptions& options, const client::Submission& submission,
                client::NewTask task, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals, busy_timeout);
    if (!broker) {
        return report(output, broker.error());
    }
    if (!options.file.empty()) {
        // The broker has told how much it takes.
        Result<SharedBytes> payload =
            read_payload(options.file, broker->terms.body_max_bytes,
                         [&](std::size_t bytes) { return broker->client.payload_buffer(bytes); });
        if (!payload) {
            return report(output, payload.error());
        }
        task.body.payload = std::move(*payload);
    }
    if (!options.wait) {
        return submit_and_print(broker->client, submission, std::move(task), globals, output);
    }
    const auto start = [&](client::OnAccepted on_accepted, client::OnFinished on_finished) {
        broker->client.run(submission, {task}, std::move(on_finished));
        // Not sent again: it only asks to be told of the receipt, too.
        broker->client.submit(submission, {task}, std::move(on_accepted));
    };
    return wait_and_print(start, {task.id, submission.type, options.out}, globals, output);
}

int submit_many(const SubmitOptions& options, const client::Submission& submission,
                const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const client::Interest interest =
        options.wait ? client::Interest::result : client::Interest::receipt;
    return submit_lines(broker->client, {submission, interest, options.jsonl}, globals, output);
}

int run_submit(const SubmitOptions& options, const Globals& globals, const Output& output) {
    const Result<client::Submission> submission = read_submission(options.task);
    if (!submission) {
        return report(output, submission.error());
    }
    return options.jsonl.empty() ? submit_one(options, *submission, globals, output)
                                 : submit_many(options, *submission, globals, output);
}

}  // namespace

CLI::App& add_submit(CLI::App& app, Selection& selection, const std::string& name) {
    CLI::App& command = add_command<SubmitOptions>(app, selection, name, "Submit a task, or many",
                                                   describe_submit, run_submit);
    const bool is_verb = app.get_parent() != nullptr;
    process::add_examples(command,
                          is_verb ? process::Examples{submit_verb_examples, submit_verb_remarks}
                                  : process::Examples{submit_examples, submit_remarks});
    return command;
}

}  // namespace penstock::cli
