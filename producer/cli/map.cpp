#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>

#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/map_array.hpp"
#include "producer/cli/map_files.hpp"
#include "producer/cli/map_options.hpp"
#include "producer/cli/map_stream.hpp"
#include "producer/cli/reduction.hpp"

namespace penstock::cli {
namespace {

// JSON text that is read into memory.
constexpr std::size_t text_max_bytes = std::size_t{256} << 20U;
// Chunks per cpu slot, if the caller does not care: uneven ones even out.
constexpr std::size_t chunks_per_slot = 4;

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
    if (!value && !options.from.empty()) {
        value.error().message += "; if each line is an element, say --lines";
    }
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
    return map_array(broker->client, {submission, *array, chunks, options.max_in_flight}, globals,
                     output);
}

bool is_streamed(const MapOptions& options) {
    return !options.reduce.empty() || options.each || options.chunk_size > 0 || options.lines;
}

Result<std::optional<InputBytes>> open_input(const MapOptions& options) {
    if (options.array.empty() && options.from.empty()) {
        return fail(ErrorCode::malformed, "give the array as ARRAY or --from");
    }
    if (is_task_type(options.reduce) && !is_valid_name(options.reduce)) {
        return fail(ErrorCode::malformed,
                    fmt::format("--reduce '{}' is none of sum, mean, concat, and no task type",
                                options.reduce));
    }
    if (options.from.empty()) {
        return std::nullopt;
    }
    return InputBytes::open(options.from).map([](InputBytes input) {
        return std::optional<InputBytes>(std::move(input));
    });
}

int run_stream_of(const MapOptions& options, const client::Submission& submission,
                  const Globals& globals, const Output& output) {
    Result<std::optional<InputBytes>> input = open_input(options);
    if (!input) {
        return report(output, input.error());
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const Result<std::size_t> slots = count_cpu_slots(broker->client, globals);
    if (!slots) {
        return report(output, slots.error());
    }
    using Form = ElementScanner::Form;
    Parts parts({.each = options.each,
                 .length = options.chunk_size,
                 .slots = *slots,
                 .form = options.lines ? Form::lines : Form::guess},
                options.array, std::move(*input));
    // The usual end of a map is the joined array.
    const bool joins = options.reduce.empty() && !options.each;
    return map_stream(broker->client,
                      {submission, joins ? "concat" : options.reduce, options.max_in_flight},
                      std::move(parts), globals, output);
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
    if (!options.files.empty()) {
        return run_files(options, *submission, globals, output);
    }
    return is_streamed(options) ? run_stream_of(options, *submission, globals, output)
                                : run_array(options, *submission, globals, output);
}

}  // namespace

void add_map(CLI::App& app, Selection& selection) {
    add_command<MapOptions>(app, selection, "map", "Split an array, or files, into tasks",
                            describe_map, run_map);
}

}  // namespace penstock::cli
