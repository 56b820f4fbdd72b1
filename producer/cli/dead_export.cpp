#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <system_error>
#include <utility>

#include "producer/cli/archive_access.hpp"
#include "producer/cli/base64.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe_archived.hpp"

namespace penstock::cli {
namespace {

struct ExportOptions {
    std::string file = "-";
    DeadFilterFlags filter;
};

constexpr const char* dead_export_examples = R"(
$ penstock dead export dead.jsonl
)";
constexpr const char* dead_export_remarks =
    "One JSON object on each line, newest first, with `args` as they were, `payload` in Base64\n"
    "and `reports` on the attempts.";

void describe_dead_export(CLI::App& command, ExportOptions& options) {
    command.add_option("FILE", options.file, "Where to; it is replaced when all is there");
    describe_dead_filter(command, options.filter);
    process::add_examples(command, {dead_export_examples, dead_export_remarks});
}

std::string line_of(const protocol::ArchivedTask& task) {
    Value object = whole_to_json(task);
    object["payload"] = base64(task.body.payload.view());
    return json_from_value(object);
}

using TakeLine = std::function<void(const std::string& line)>;

// Errors: the archive's.
Result<void> export_all(const ExportOptions& options, const Globals& globals,
                        const TakeLine& take) {
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return tl::unexpected(broker.error());
    }
    DeadChoiceFlags all;
    all.all = true;
    all.filter = options.filter;
    return for_chosen(all, broker->client, globals, [&](std::vector<TaskId> ids) -> Result<void> {
        // What has been removed since it was listed is left out.
        const auto fetched = fetch_archived(broker->client, globals, std::move(ids));
        if (!fetched) {
            return tl::unexpected(fetched.error());
        }
        for (const protocol::ArchivedTask& task : fetched->tasks) {
            take(line_of(task));
        }
        return {};
    });
}

Result<void> export_to_file(const ExportOptions& options, const Globals& globals) {
    const std::filesystem::path path = options.file;
    const std::filesystem::path part = options.file + ".part";
    std::ofstream file(part);
    Result<void> done =
        export_all(options, globals, [&](const std::string& line) { file << line << '\n'; });
    file.close();
    std::error_code error;
    if (done && !file) {
        done = fail(ErrorCode::internal,
                    fmt::format("{}: {}", part.string(), std::generic_category().message(errno)));
    }
    if (done) {
        std::filesystem::rename(part, path, error);
        if (error) {
            done = fail(ErrorCode::internal, fmt::format("{}: {}", options.file, error.message()));
        }
    }
    if (!done) {
        std::filesystem::remove(part, error);
    }
    return done;
}

int run_dead_export(const ExportOptions& options, const Globals& globals, const Output& output) {
    const Result<void> done =
        options.file == "-"
            ? export_all(options, globals, [&](const std::string& line) { output.line(line); })
            : export_to_file(options, globals);
    return done ? exit_status(ExitCode::ok) : report(output, done.error());
}

}  // namespace

void add_dead_export(CLI::App& noun, Selection& selection) {
    add_command<ExportOptions>(noun, selection, "export", "Write dead tasks as lines of JSON",
                               describe_dead_export, run_dead_export);
}

}  // namespace penstock::cli
