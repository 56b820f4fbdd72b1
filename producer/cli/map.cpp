#include <fmt/format.h>
#include <memory>
#include <utility>

#include "producer/cli/broker_access.hpp"
#include "producer/cli/chunks.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/map_array.hpp"
#include "producer/cli/map_files.hpp"
#include "producer/cli/submission_flags.hpp"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

constexpr const char* examples =
    "  penstock map math.square '[1,2,3,4,5,6,7,8]' --chunks 4\n"
    "  seq 1000 | jq -cs . | penstock map math.square --from - --json\n"
    "  penstock map image.resize --files photos/ --args '{\"width\":200}' --out-dir small\n"
    "The joined result goes to stdout, who did what to stderr. Exit code 9: a part failed.";

// JSON text that is read into memory.
constexpr std::size_t text_max_bytes = std::size_t{256} << 20U;
// Chunks per cpu slot, if the caller does not care: uneven ones even out.
constexpr std::size_t chunks_per_slot = 4;

struct MapOptions {
    SubmissionFlags task;
    std::string array;
    std::string from;
    std::size_t chunks = 0;
    std::vector<std::string> files;
    std::string args;
    std::string out_dir;
    std::string extension;
    bool overwrite = false;
};

void describe(CLI::App& command, MapOptions& options) {
    add_submission_flags(command, options.task);
    CLI::Option* const array = command.add_option("ARRAY", options.array, "A JSON array");
    CLI::Option* const from =
        command.add_option("--from", options.from, "Reads the array from this file ('-': stdin)")
            ->excludes(array);
    CLI::Option* const chunks =
        command
            .add_option("--chunks", options.chunks,
                        "Tasks to split the array into (default: four per cpu slot)")
            ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
    CLI::Option* const files =
        command
            .add_option("--files", options.files,
                        "Instead of an array: one task per file, or per file of a folder")
            ->excludes(array)
            ->excludes(from)
            ->excludes(chunks);
    command.add_option("--args", options.args, "The arguments of every file's task, as JSON")
        ->needs(files);
    CLI::Option* const out_dir =
        command.add_option("--out-dir", options.out_dir, "Saves the results' bytes in this folder")
            ->needs(files);
    command
        .add_option("--extension", options.extension,
                    "Of the saved files, such as .webp (default: the input's)")
        ->needs(out_dir);
    command
        .add_flag("--overwrite", options.overwrite,
                  "Replaces files of the same name in --out-dir (never an input)")
        ->needs(out_dir);
    add_examples(command, examples);
}

Result<Value> read_array(const MapOptions& options) {
    Result<std::string> text =
        options.from.empty() ? options.array : read_text(options.from, text_max_bytes);
    if (!text) {
        return tl::unexpected(text.error());
    }
    if (text->empty()) {
        return fail(ErrorCode::malformed, "give the array as ARRAY or --from, or use --files");
    }
    Result<Value> value = value_from_json(*text);
    if (value && !value->is_array()) {
        return fail(ErrorCode::malformed, "map needs a JSON array, such as '[1,2,3]'");
    }
    return value;
}

int run_array(const MapOptions& options, const client::Submission& submission,
              const Globals& globals, const Output& output) {
    const Result<Value> array = read_array(options);
    if (!array) {
        return report(output, array.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    std::size_t chunks = options.chunks;
    if (chunks == 0) {
        const Result<std::size_t> slots = count_cpu_slots(broker->client, globals);
        if (!slots) {
            return report(output, slots.error());
        }
        chunks = chunks_per_slot * *slots;
    }
    return map_array(broker->client, {submission, *array, chunks}, globals, output);
}

int run_files(const MapOptions& options, const client::Submission& submission,
              const Globals& globals, const Output& output) {
    const Result<SharedBytes> args = read_args(options.args, "--args");
    if (!args) {
        return report(output, args.error());
    }
    Result<std::vector<std::filesystem::path>> inputs = expand_inputs(options.files, {});
    if (!inputs) {
        return report(output, inputs.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const FileBatch batch{
        .submission = submission,
        .args = *args,
        .inputs = std::move(*inputs),
        .out_dir = options.out_dir,
        .existing = options.overwrite ? Existing::overwrite : Existing::keep,
        .extension =
            [&](const std::filesystem::path& input) {
                return options.extension.empty() ? input.extension().string() : options.extension;
            },
    };
    return map_files(*broker, batch, globals, output);
}

int run_map(const MapOptions& options, const Globals& globals, const Output& output) {
    const Result<client::Submission> submission = read_submission(options.task);
    if (!submission) {
        return report(output, submission.error());
    }
    return options.files.empty() ? run_array(options, *submission, globals, output)
                                 : run_files(options, *submission, globals, output);
}

}  // namespace

void add_map(CLI::App& app, Selection& selection) {
    add_command<MapOptions>(app, selection, "map", "Split an array, or files, into tasks", describe,
                            run_map);
}

}  // namespace penstock::cli
