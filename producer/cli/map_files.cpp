#include "producer/cli/map_files.hpp"

#include <utility>

#include "common/model/text.hpp"
#include "producer/cli/describe.hpp"

namespace penstock::cli {
namespace {

// A value may be long; the table shows how it begins.
constexpr std::size_t value_shown_max = 40;

std::string shortened_to_cell(const std::string& text) {
    if (text.size() <= value_shown_max) {
        return text;
    }
    return std::string(beginning(text, value_shown_max)) + "...";
}

Table table_of(const std::vector<FileOutcome>& outcomes) {
    Table table({{"INPUT"},
                 {"STATE"},
                 {"VALUE"},
                 {"OUTPUT"},
                 {"TIME", Align::right},
                 {"HOST"},
                 {"PROCESS"},
                 {"THREAD", Align::right}});
    for (const FileOutcome& outcome : outcomes) {
        if (!outcome.result) {
            table.add({outcome.input.string(), "failed", "", "", "", "", "", ""});
            continue;
        }
        const TaskResult& result = *outcome.result;
        table.add({outcome.input.string(), std::string(name(result.state)),
                   shortened_to_cell(json_from_value(outcome.value)), outcome.output.string(),
                   duration_words(to_milliseconds(result.run)), result.site.host,
                   process_words(result.site), std::to_string(result.thread)});
    }
    return table;
}

Value json_of(const std::vector<FileOutcome>& outcomes) {
    Value rows = Value::array();
    for (const FileOutcome& outcome : outcomes) {
        Value row = to_json(outcome);
        row["index"] = rows.size();
        row["value"] = outcome.value;
        row["payload_bytes"] = outcome.output_bytes;
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

int map_files(Connected& broker, const FileBatch& batch, const Globals& globals,
              const Output& output) {
    const Result<FileBatchEnd> end = run_file_batch(broker, batch, globals, output);
    if (!end) {
        return report(output, end.error());
    }
    if (output.json()) {
        output.value(json_of(end->outcomes));
    } else {
        output.table(table_of(end->outcomes));
    }
    report_failures(end->outcomes, output);
    return end->exit_status;
}

}  // namespace penstock::cli
