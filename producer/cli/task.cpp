#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>

#include "common/model/time.hpp"
#include "producer/cli/archive_access.hpp"
#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe.hpp"
#include "producer/cli/describe_archived.hpp"
#include "producer/cli/outcome.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

struct TaskOptions {
    std::string id;
    std::string out;
};
struct TaskListOptions {
    std::string state;
    std::string queue;
    std::string type;
    std::optional<std::size_t> limit;
};

constexpr const char* task_noun_examples = R"(
$ penstock task ls --state dead
)";
constexpr const char* task_get_examples = R"(
$ penstock task get 01890a5d-ac96-774b-bcce-b302099a8057
id        01890a5d-ac96-774b-bcce-b302099a8057
type      math.double
queue     default
state     completed
…
)";
constexpr const char* task_result_examples = R"(
$ penstock task result 01890a5d-ac96-774b-bcce-b302099a8057 --timeout 10s
[2,4,6]
)";
constexpr const char* task_cancel_examples = R"(
$ penstock task cancel 01890a5d-ac96-774b-bcce-b302099a8057
Cancelled, or told to stop: penstock task get 01890a5d-ac96-774b-bcce-b302099a8057
)";
constexpr const char* task_list_examples = R"(
$ penstock task ls --state dead
$ penstock task ls --type math.double --limit 10 --json
[…]
)";

void describe_id(CLI::App& command, TaskOptions& options) {
    command.add_option("ID", options.id, "The task's id, as `penstock submit` prints it")
        ->required();
}

void describe_task_get(CLI::App& command, TaskOptions& options) {
    describe_id(command, options);
    process::add_examples(command, {task_get_examples, ""});
}

void describe_task_result(CLI::App& command, TaskOptions& options) {
    describe_id(command, options);
    command.add_option("--out", options.out,
                       "Saves the result's bytes in this file ('-': stdout, and no value)");
    process::add_examples(
        command, {task_result_examples,
                  "Waits for the end, if need be, and prints the result alone on stdout."});
}

void describe_task_cancel(CLI::App& command, TaskOptions& options) {
    describe_id(command, options);
    process::add_examples(command, {task_cancel_examples, ""});
}

std::vector<std::string> state_names() {
    std::vector<std::string> names;
    for (std::uint8_t number = 1; number <= task_state_count; ++number) {
        names.emplace_back(name(static_cast<TaskState>(number)));
    }
    return names;
}

void describe_task_list(CLI::App& command, TaskListOptions& options) {
    command.add_option("--state", options.state, "Only tasks in this state")
        ->type_name("STATE")
        ->check(CLI::IsMember(state_names()));
    command.add_option("--queue", options.queue, "Only tasks of this queue");
    command.add_option("--type", options.type, "Only tasks of this type");
    command
        .add_option("--limit", options.limit,
                    "Rows at most (0: all; the default is 100, with --json all)")
        ->check(CLI::Range(std::int64_t{0}, list_limit_max));
    process::add_examples(command, {task_list_examples, ""});
}

std::string error_words(const protocol::TaskRow& row) {
    return row.error ? fmt::format("{}: {}", name(row.error->code), row.error->message) : "";
}

void print_facts(const protocol::TaskRow& row, const Output& output) {
    const std::int64_t now = Instant::read().unix_ms;
    std::string state(name(row.state));
    if (row.dead_reason != DeadReason::none) {
        state += fmt::format(" ({})", name(row.dead_reason));
    }
    const auto fact = [&](const char* word, const std::string& text) {
        if (!text.empty()) {
            output.line(fmt::format("{:<10}{}", word, printable(text)));
        }
    };
    fact("id", to_text(row.id));
    fact("type", row.type);
    fact("queue", row.queue);
    fact("state", state);
    fact("attempts", fmt::format("{} of {}", row.attempts, row.max_attempts));
    fact("created", ago_words(row.created_at, now));
    fact("started", ago_words(row.started_at, now));
    fact("finished", ago_words(row.finished_at, now));
    const bool waits = row.state == TaskState::scheduled || row.state == TaskState::retrying;
    fact("runs", waits ? in_words(row.run_at, now) : "");
    fact("expires",
         is_final(row.state) || row.expires_at == 0 ? "" : in_words(row.expires_at, now));
    if (row.site) {
        fact("host", row.site->host);
        fact("process", fmt::format("{}, thread {}", process_words(*row.site), row.thread));
    }
    fact("ran", is_final(row.state) ? duration_words(to_milliseconds(row.run)) : "");
    fact("progress", row.progress_permille == 0 && row.progress_note.empty()
                         ? ""
                         : fmt::format("{}% {}", row.progress_permille / 10, row.progress_note));
    fact("error", error_words(row));
    fact("result", row.result_bytes == 0 ? "" : size_words(row.result_bytes));
}

// What the verbs that name a task begin with.
struct Subject {
    TaskId id;
    Connected broker;
};

Result<Subject> find_subject(const TaskOptions& options, const Globals& globals) {
    const Result<TaskId> id = parse_task_id(options.id);
    if (!id) {
        return tl::unexpected(id.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return tl::unexpected(broker.error());
    }
    return Subject{*id, std::move(*broker)};
}

// What the broker has forgotten, the archive may know.
int get_archived(Subject& subject, const Globals& globals, const Output& output) {
    const Result<Fetched> fetched = fetch_archived(subject.broker.client, globals, {subject.id});
    if (!fetched) {
        return report(output, fetched.error());
    }
    if (fetched->tasks.empty()) {
        return report(output, {ErrorCode::not_found,
                               fmt::format("there is no task {}, or it has been forgotten",
                                           to_text(subject.id))});
    }
    if (output.json()) {
        output.value(whole_to_json(fetched->tasks.front()));
    } else {
        print_archived(fetched->tasks.front(), output);
    }
    return exit_status(ExitCode::ok);
}

int run_task_get(const TaskOptions& options, const Globals& globals, const Output& output) {
    Result<Subject> subject = find_subject(options, globals);
    if (!subject) {
        return report(output, subject.error());
    }
    auto& [id, broker] = *subject;
    protocol::Query query = query_for(protocol::QueryKind::task);
    query.id = id;
    const auto rows = ask_all<protocol::TaskRow>(broker.client, globals, query, 1);
    if (!rows) {
        return report(output, rows.error());
    }
    if (rows->empty()) {
        return get_archived(*subject, globals, output);
    }
    if (output.json()) {
        output.value(to_json(rows->front()));
    } else {
        print_facts(rows->front(), output);
    }
    return exit_status(ExitCode::ok);
}

int run_task_result(const TaskOptions& options, const Globals& globals, const Output& output) {
    Result<Subject> subject = find_subject(options, globals);
    if (!subject) {
        return report(output, subject.error());
    }
    const auto start = [&subject](const client::OnAccepted&, client::OnFinished on_finished) {
        subject->broker.client.await({subject->id}, std::move(on_finished));
    };
    // The broker says at once if it does not know the task.
    return wait_and_print(start, {subject->id, "", options.out, true}, globals, output);
}

int run_task_cancel(const TaskOptions& options, const Globals& globals, const Output& output) {
    Result<Subject> subject = find_subject(options, globals);
    if (!subject) {
        return report(output, subject.error());
    }
    auto& [id, broker] = *subject;
    const Result<void> cancelled = wait_for_answer(broker.client.cancel(id), globals);
    if (!cancelled) {
        const Error& error = cancelled.error();
        return report(output, {error.code, to_text(id) + ": " + error.message});
    }
    if (output.json()) {
        output.value({{"id", to_text(id)}, {"cancelling", true}});
    } else {
        output.note("Cancelled, or told to stop: penstock task get " + to_text(id));
    }
    return exit_status(ExitCode::ok);
}

std::vector<std::string> list_row(const protocol::TaskRow& row, std::int64_t now) {
    const bool ran = row.site.has_value();
    return {to_text(row.id),
            row.type,
            row.queue,
            std::string(name(row.state)),
            std::to_string(row.attempts),
            ago_words(row.created_at, now),
            ran && is_final(row.state) ? duration_words(to_milliseconds(row.run)) : "",
            ran ? row.site->host : "",
            ran ? process_words(*row.site) : "",
            error_words(row)};
}

void print_task_list(const std::vector<protocol::TaskRow>& rows, const Output& output) {
    if (output.json()) {
        output.value(to_json(rows));
        return;
    }
    const std::int64_t now = Instant::read().unix_ms;
    Table table({{"ID"},
                 {"TYPE"},
                 {"QUEUE"},
                 {"STATE"},
                 {"ATTEMPTS", Align::right},
                 {"CREATED", Align::right},
                 {"RAN", Align::right},
                 {"HOST"},
                 {"PROCESS"},
                 {"ERROR"}});
    for (const protocol::TaskRow& row : rows) {
        table.add(list_row(row, now));
    }
    output.table(table);
}

int run_task_list(const TaskListOptions& options, const Globals& globals, const Output& output) {
    protocol::Query query = query_for(protocol::QueryKind::tasks);
    query.queue = options.queue;
    query.type = options.type;
    query.state = task_state_from_name(options.state);
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const std::size_t limit = options.limit.value_or(output.json() ? 0 : table_rows_max);
    // One more than is shown tells whether there are more.
    auto rows =
        ask_all<protocol::TaskRow>(broker->client, globals, query, limit == 0 ? 0 : limit + 1);
    if (!rows) {
        return report(output, rows.error());
    }
    const bool cut = limit > 0 && rows->size() > limit;
    if (cut) {
        rows->resize(limit);
    }
    print_task_list(*rows, output);
    if (cut) {
        output.note(fmt::format("There are more than these {}: --limit 0 lists all.", limit));
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_task(CLI::App& app, Selection& selection) {
    CLI::App& noun =
        add_noun(app, "task", "Look at tasks, fetch results, cancel", task_noun_examples);
    add_submit(noun, selection, "add");
    add_command<TaskOptions>(noun, selection, "get", "What is known of one task", describe_task_get,
                             run_task_get);
    add_command<TaskOptions>(noun, selection, "result", "Wait for a task and print its result",
                             describe_task_result, run_task_result);
    add_command<TaskOptions>(noun, selection, "cancel", "Cancel a task", describe_task_cancel,
                             run_task_cancel);
    add_command<TaskListOptions>(noun, selection, "ls", "List tasks", describe_task_list,
                                 run_task_list);
}

}  // namespace penstock::cli
