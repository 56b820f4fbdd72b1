#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>

#include "common/model/time.hpp"
#include "producer/cli/archive_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe.hpp"
#include "producer/cli/describe_archived.hpp"
#include "producer/cli/write_files.hpp"

namespace penstock::cli {
namespace {

struct DeadListOptions {
    DeadFilterFlags filter;
    std::optional<std::size_t> limit;
    std::uint64_t cursor = 0;
};
struct GetOptions {
    std::string id;
    std::string out;
};

constexpr const char* dead_noun_examples = R"(
$ penstock dead ls
$ penstock dead retry --all --type math.double
)";
constexpr const char* dead_list_examples = R"(
$ penstock dead ls --reason poison --since 1d
# the newest ten, for programs
$ penstock dead ls --limit 10 --json
[…]
)";
constexpr const char* dead_get_examples = R"(
$ penstock dead get 01890a5d-ac96-774b-bcce-b302099a8057
id        01890a5d-ac96-774b-bcce-b302099a8057
type      math.double
queue     default
state     dead (rejected)
…
)";
constexpr const char* dead_remove_examples = R"(
$ penstock dead rm 01890a5d-ac96-774b-bcce-b302099a8057
removed: 1
# what has been retried needs no second look
$ penstock dead rm --all --retried --type math.double
removed: …
)";

void describe_dead_list(CLI::App& command, DeadListOptions& options) {
    describe_dead_filter(command, options.filter);
    command
        .add_option("--limit", options.limit,
                    "Rows at most (0: all; the default is 100, with --json all)")
        ->check(CLI::Range(std::int64_t{0}, list_limit_max));
    command.add_option("--cursor", options.cursor, "Goes on where a page has ended, which says it");
    process::add_examples(command, {dead_list_examples,
                                    "Newest first. A page stays what it is, whatever dies or is "
                                    "removed meanwhile."});
}

void describe_dead_get(CLI::App& command, GetOptions& options) {
    command.add_option("ID", options.id, "The task's id")->required();
    command.add_option("--out", options.out,
                       "Saves the payload that it was submitted with in this file ('-': stdout)");
    process::add_examples(command, {dead_get_examples, ""});
}

void describe_dead_remove(CLI::App& command, DeadChoiceFlags& options) {
    describe_dead_choice(command, options);
    process::add_examples(command, {dead_remove_examples, ""});
}

void print_dead_list(const std::vector<protocol::ArchivedTask>& tasks, bool with_retried,
                     const Output& output) {
    if (output.json()) {
        Value list = Value::array();
        for (const protocol::ArchivedTask& task : tasks) {
            list.push_back(to_json(task));
        }
        output.value(list);
        return;
    }
    const std::int64_t now = Instant::read().unix_ms;
    std::vector<Column> columns{{"ID"},
                                {"TYPE"},
                                {"QUEUE"},
                                {"REASON"},
                                {"ATTEMPTS", Align::right},
                                {"DIED", Align::right}};
    if (with_retried) {
        columns.push_back({"RETRIED AS"});
    }
    columns.push_back({"ERROR"});
    Table table(std::move(columns));
    for (const protocol::ArchivedTask& task : tasks) {
        std::vector<std::string> cells{to_text(task.id),
                                       task.type,
                                       task.queue,
                                       std::string(name(task.dead_reason)),
                                       std::to_string(task.attempts),
                                       ago_words(task.finished_at, now)};
        if (with_retried) {
            const bool retried = task.retried_at > 0 && task.retry_id;
            cells.push_back(retried ? to_text(*task.retry_id) : "");
        }
        cells.push_back(
            task.error ? fmt::format("{}: {}", name(task.error->code), task.error->message) : "");
        table.add(std::move(cells));
    }
    output.table(table);
}

int run_dead_list(const DeadListOptions& options, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const std::size_t limit = options.limit.value_or(output.json() ? 0 : table_rows_max);
    const Result<ArchivePage> page =
        list_archived(broker->client, globals, read_filter(options.filter), options.cursor, limit);
    if (!page) {
        return report(output, page.error());
    }
    print_dead_list(page->tasks, options.filter.retried, output);
    if (page->next_cursor != 0) {
        output.note(
            fmt::format("There may be more: --cursor {} goes on from here.", page->next_cursor));
    }
    return exit_status(ExitCode::ok);
}

int run_dead_get(const GetOptions& options, const Globals& globals, const Output& output) {
    const Result<TaskId> id = parse_task_id(options.id);
    if (!id) {
        return report(output, id.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const Result<Fetched> fetched = fetch_archived(broker->client, globals, {*id});
    if (!fetched) {
        return report(output, fetched.error());
    }
    if (fetched->tasks.empty()) {
        return report(output, no_such_dead(*id));
    }
    const protocol::ArchivedTask& task = fetched->tasks.front();
    if (!options.out.empty()) {
        const Result<void> written = write_result(options.out, task.body.payload.view());
        if (!written) {
            return report(output, written.error());
        }
    }
    if (options.out == "-") {
        return exit_status(ExitCode::ok);
    }
    if (output.json()) {
        output.value(whole_to_json(task));
    } else {
        print_archived(task, output);
    }
    return exit_status(ExitCode::ok);
}

int run_dead_remove(const DeadChoiceFlags& options, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    std::size_t removed = 0;
    std::size_t asked = 0;
    const Result<void> done =
        for_chosen(options, broker->client, globals, [&](std::vector<TaskId> ids) -> Result<void> {
            protocol::ArchiveRequest request;
            request.action = protocol::ArchiveAction::remove;
            asked += ids.size();
            request.ids = std::move(ids);
            const auto reply = ask_archive(broker->client, globals, std::move(request));
            if (!reply) {
                return tl::unexpected(reply.error());
            }
            removed += reply->ids.size();
            return {};
        });
    if (!done) {
        return report(output, done.error());
    }
    if (output.json()) {
        output.value({{"removed", removed}});
    } else {
        output.line(fmt::format("removed: {}", removed));
    }
    if (!options.all && removed < asked) {
        return report(
            output, {ErrorCode::not_found, fmt::format("{} of the {} tasks are not in the archive",
                                                       asked - removed, asked)});
    }
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_dead(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "dead", "Look at tasks that have failed for good, retry them",
                              dead_noun_examples);
    add_command<DeadListOptions>(noun, selection, "ls", "List dead tasks", describe_dead_list,
                                 run_dead_list);
    add_command<GetOptions>(noun, selection, "get", "All that is known of a dead task",
                            describe_dead_get, run_dead_get);
    add_dead_retry(noun, selection);
    add_command<DeadChoiceFlags>(noun, selection, "rm", "Remove dead tasks", describe_dead_remove,
                                 run_dead_remove);
    add_dead_export(noun, selection);
}

}  // namespace penstock::cli
