#include <memory>
#include <utility>

#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe.hpp"

namespace penstock::cli {
namespace {

constexpr const char* queue_noun_examples = R"(
$ penstock queue ls
QUEUE    QUEUED  ACTIVE …
default …
)";
constexpr const char* queue_examples = R"(
$ penstock queue ls
# every state, for programs
$ penstock queue ls --json
[{…}]
)";

// The states that this broker uses; --json has all of them.
constexpr std::array shown{TaskState::queued,    TaskState::active, TaskState::retrying,
                           TaskState::completed, TaskState::dead,   TaskState::cancelled};

void print(const std::vector<protocol::QueueRow>& rows, const Output& output) {
    if (output.json()) {
        output.value(to_json(rows));
        return;
    }
    Table table({{"QUEUE"},
                 {"QUEUED", Align::right},
                 {"ACTIVE", Align::right},
                 {"RETRYING", Align::right},
                 {"COMPLETED", Align::right},
                 {"DEAD", Align::right},
                 {"CANCELLED", Align::right},
                 {"SIZE", Align::right},
                 {"OLDEST", Align::right}});
    for (const protocol::QueueRow& row : rows) {
        std::vector<std::string> cells{row.name};
        for (const TaskState state : shown) {
            cells.push_back(std::to_string(row.counts.at(static_cast<std::size_t>(state) - 1)));
        }
        cells.push_back(size_words(row.bytes));
        const auto age = static_cast<double>(row.oldest_age.count());
        cells.push_back(age == 0 ? "" : duration_words(age));
        table.add(std::move(cells));
    }
    output.table(table);
}

int run_queue_list(const NoOptions&, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const auto rows = ask_all<protocol::QueueRow>(broker->client, globals,
                                                  query_for(protocol::QueryKind::queues), 0);
    if (!rows) {
        return report(output, rows.error());
    }
    print(*rows, output);
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_queue(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "queue", "Look at queues", queue_noun_examples);
    const auto describe = [](CLI::App& command, NoOptions&) {
        process::add_examples(command, {queue_examples, ""});
    };
    add_command<NoOptions>(noun, selection, "ls", "List queues and how many tasks are in them",
                           describe, run_queue_list);
}

}  // namespace penstock::cli
