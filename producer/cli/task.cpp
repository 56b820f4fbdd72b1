#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "common/model/time.hpp"
#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe.hpp"
#include "producer/cli/outcome.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

struct TaskOptions {
    std::string id;
    std::string out;
};
struct ListOptions {
    std::string state;
    std::string queue;
    std::string type;
    std::size_t limit = 100;
};

void describe_id(CLI::App& command, TaskOptions& options) {
    command.add_option("ID", options.id, "The task's id, as `penstock submit` prints it")
        ->required();
}

void describe_get(CLI::App& command, TaskOptions& options) {
    describe_id(command, options);
    add_examples(command, "  penstock task get 01890a5d-ac96-774b-bcce-b302099a8057 --json");
}

void describe_result(CLI::App& command, TaskOptions& options) {
    describe_id(command, options);
    command.add_option("--out", options.out, "Saves the result's bytes in this file");
    add_examples(command,
                 "  penstock task result 01890a5d-ac96-774b-bcce-b302099a8057 --timeout 10s\n"
                 "Waits for the end, if need be, and prints the result alone on stdout.");
}

void describe_cancel(CLI::App& command, TaskOptions& options) {
    describe_id(command, options);
    add_examples(command, "  penstock task cancel 01890a5d-ac96-774b-bcce-b302099a8057");
}

void describe_list(CLI::App& command, ListOptions& options) {
    command.add_option("--state", options.state,
                       "Only tasks that are scheduled, queued, active, retrying, blocked, "
                       "completed, dead, cancelled or expired");
    command.add_option("--queue", options.queue, "Only tasks of this queue");
    command.add_option("--type", options.type, "Only tasks of this type");
    command.add_option("--limit", options.limit, "Rows at most (0: all)")->capture_default_str();
    add_examples(command,
                 "  penstock task ls --state dead\n"
                 "  penstock task ls --type image.resize --limit 0 --json");
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

int run_get(const TaskOptions& options, const Globals& globals, const Output& output) {
    const Result<TaskId> id = parse_task_id(options.id);
    if (!id) {
        return report(output, id.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    protocol::Query query = query_for(protocol::QueryKind::task);
    query.id = *id;
    const auto rows = ask_all<protocol::TaskRow>(broker->client, globals, query, 1);
    if (!rows) {
        return report(output, rows.error());
    }
    if (rows->empty()) {
        return report(output,
                      {ErrorCode::not_found,
                       fmt::format("there is no task {}, or it has been forgotten", to_text(*id))});
    }
    if (output.json()) {
        output.value(to_json(rows->front()));
    } else {
        print_facts(rows->front(), output);
    }
    return exit_status(ExitCode::ok);
}

int run_result(const TaskOptions& options, const Globals& globals, const Output& output) {
    const Result<TaskId> id = parse_task_id(options.id);
    if (!id) {
        return report(output, id.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const auto start = [&](client::OnFinished on_finished) {
        broker->client.await({*id}, std::move(on_finished));
    };
    return wait_and_print(start, *id, "", {options.out}, globals, output);
}

int run_cancel(const TaskOptions& options, const Globals& globals, const Output& output) {
    const Result<TaskId> id = parse_task_id(options.id);
    if (!id) {
        return report(output, id.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const Result<void> cancelled = broker->client.cancel(*id).get();
    if (!cancelled) {
        const Error& error = cancelled.error();
        return report(output, {error.code, to_text(*id) + ": " + error.message});
    }
    if (output.json()) {
        output.value({{"id", to_text(*id)}, {"cancelling", true}});
    } else {
        output.note("Cancelled, or told to stop: penstock task get " + to_text(*id));
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

void print_list(const std::vector<protocol::TaskRow>& rows, const Output& output) {
    if (output.json()) {
        Value array = Value::array();
        for (const protocol::TaskRow& row : rows) {
            array.push_back(to_json(row));
        }
        output.value(array);
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

int run_list(const ListOptions& options, const Globals& globals, const Output& output) {
    protocol::Query query = query_for(protocol::QueryKind::tasks);
    query.queue = options.queue;
    query.type = options.type;
    query.state = task_state_from_name(options.state);
    if (!options.state.empty() && !query.state) {
        return report(output, {ErrorCode::malformed,
                               fmt::format("'{}' is no state: see --help", options.state)});
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const auto rows = ask_all<protocol::TaskRow>(broker->client, globals, query, options.limit);
    if (!rows) {
        return report(output, rows.error());
    }
    print_list(*rows, output);
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_task(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "task", "Look at tasks, fetch results, cancel");
    add_command<TaskOptions>(noun, selection, "get", "What is known of one task", describe_get,
                             run_get);
    add_command<TaskOptions>(noun, selection, "result", "Wait for a task and print its result",
                             describe_result, run_result);
    add_command<TaskOptions>(noun, selection, "cancel", "Cancel a task", describe_cancel,
                             run_cancel);
    add_command<ListOptions>(noun, selection, "ls", "List tasks", describe_list, run_list);
}

}  // namespace penstock::cli
