#include <fmt/format.h>
#include <memory>
#include <utility>

#include "common/model/time.hpp"
#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe.hpp"

namespace penstock::cli {
namespace {

constexpr const char* worker_noun_examples = R"(
$ penstock worker ls
)";
constexpr const char* worker_examples = R"(
$ penstock worker ls
HOST …
…
$ penstock worker ls --json
[{…}]
)";

std::vector<std::string> table_row(const protocol::WorkerRow& row, std::int64_t now) {
    const auto busy = [&](SlotClass slot_class) {
        const auto index = static_cast<std::size_t>(slot_class);
        return fmt::format("{}/{}", row.leases.at(index), row.slots.at(index));
    };
    return {row.site.host,
            std::to_string(row.site.process),
            std::to_string(row.site.pid),
            row.draining ? "draining" : "serving",
            busy(SlotClass::cpu),
            busy(SlotClass::wait),
            row.queues.empty() ? "all" : fmt::format("{}", fmt::join(row.queues, ",")),
            fmt::format("{}", fmt::join(row.labels, ",")),
            ago_words(row.joined_at, now),
            std::to_string(row.completed)};
}

void print(const std::vector<protocol::WorkerRow>& rows, const Output& output) {
    if (output.json()) {
        output.value(to_json(rows));
        return;
    }
    const std::int64_t now = Instant::read().unix_ms;
    Table table({{"HOST"},
                 {"PROCESS", Align::right},
                 {"PID", Align::right},
                 {"STATE"},
                 {"CPU", Align::right},
                 {"WAIT", Align::right},
                 {"QUEUES"},
                 {"LABELS"},
                 {"JOINED", Align::right},
                 {"COMPLETED", Align::right}});
    for (const protocol::WorkerRow& row : rows) {
        table.add(table_row(row, now));
    }
    output.table(table);
}

int run_worker_list(const NoOptions&, const Globals& globals, const Output& output) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const auto rows = ask_all<protocol::WorkerRow>(broker->client, globals,
                                                   query_for(protocol::QueryKind::workers), 0);
    if (!rows) {
        return report(output, rows.error());
    }
    print(*rows, output);
    return exit_status(ExitCode::ok);
}

}  // namespace

void add_worker(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "worker", "Look at worker processes", worker_noun_examples);
    const auto describe = [](CLI::App& command, NoOptions&) {
        process::add_examples(
            command, {worker_examples, "CPU and WAIT show leases/slots of the two classes."});
    };
    add_command<NoOptions>(noun, selection, "ls", "List worker processes and what they do",
                           describe, run_worker_list);
}

}  // namespace penstock::cli
