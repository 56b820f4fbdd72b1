#include <array>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "producer/cli/broker_access.hpp"
#include "producer/cli/commands.hpp"
#include "producer/cli/describe.hpp"
#include "producer/cli/file_batch.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/submission_flags.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* image_examples = R"(
$ penstock image resize photo.jpg --out-dir small --quiet
INPUT      OUTPUT           PIXELS …
photo.jpg  small/photo.jpg  3840x2160 -> 800x450 …
$ penstock image resize photos/ --out-dir thumbnails --width 200 --height 200 --fit cover
)";
constexpr const char* image_noun_examples = R"(
$ penstock image resize photos/ --out-dir small --width 400 --format webp
)";
constexpr const char* image_remarks =
    "A result never takes the place of another file unless --overwrite is given: same.jpg, then\n"
    "same-2.jpg. Images are turned upright and not enlarged.";

// What a folder is searched for.
const std::vector<std::string>& image_extensions() {
    static const std::vector<std::string> extensions{".jpg", ".jpeg", ".png", ".webp"};
    return extensions;
}

constexpr int side_max = 16384;

struct ResizeOptions {
    std::vector<std::string> inputs;
    std::string out_dir;
    std::string queue = "default";
    int width = 0;
    int height = 0;
    int quality = 0;
    std::string fit;
    std::string format = "jpeg";
    bool enlarge = false;
    bool overwrite = false;
};

void describe_image(CLI::App& command, ResizeOptions& options) {
    command.add_option("IN", options.inputs, "Images, or folders of images")->required();
    command.add_option("--out-dir", options.out_dir, "Where the results go; made if need be")
        ->required();
    command.add_option("--width", options.width, "Pixels (default 800, if no --height is given)")
        ->check(CLI::Range(1, side_max));
    command.add_option("--height", options.height, "Pixels")->check(CLI::Range(1, side_max));
    command
        .add_option("--fit", options.fit,
                    "How it fits when both sides are given: inside (the default), outside, "
                    "contain, cover or fill")
        ->check(CLI::IsMember({"inside", "outside", "contain", "cover", "fill"}));
    command.add_option("--quality", options.quality, "1 to 100 (default 80)")
        ->check(CLI::Range(1, 100));
    command.add_option("--format", options.format, "jpeg, png or webp")
        ->check(CLI::IsMember({"jpeg", "png", "webp"}))
        ->capture_default_str();
    command.add_flag("--enlarge", options.enlarge, "Makes small images larger, too");
    command.add_flag("--overwrite", options.overwrite,
                     "Replaces files of the same name in --out-dir (never an input)");
    command.add_option("--queue", options.queue, "The queue to wait in")->capture_default_str();
    process::add_examples(command, {image_examples, image_remarks});
}

SharedBytes resize_args(const ResizeOptions& options) {
    Value args = {{"format", options.format}};
    for (const auto& [field, number] : {std::pair{"width", options.width},
                                        {"height", options.height},
                                        {"quality", options.quality}}) {
        if (number > 0) {
            args[field] = number;
        }
    }
    if (!options.fit.empty()) {
        args["fit"] = options.fit;
    }
    if (options.enlarge) {
        args["enlarge"] = true;
    }
    return msgpack_from_value(args);
}

// The field of the handler's answer as text, or "?".
std::string field_text(const Value& value, const char* field) {
    const auto found = value.is_object() ? value.find(field) : value.end();
    return value.is_object() && found != value.end() ? json_from_value(*found) : "?";
}

std::vector<std::string> table_row(const FileOutcome& outcome) {
    const std::string input = outcome.input.filename().string();
    if (!outcome.result || outcome.failure) {
        return {input, "failed", "", "", "", "", "", ""};
    }
    const Value& value = outcome.value;
    const TaskResult& result = *outcome.result;
    return {
        input,
        outcome.output.string(),
        fmt::format("{}x{} -> {}x{}", field_text(value, "input_width"),
                    field_text(value, "input_height"), field_text(value, "width"),
                    field_text(value, "height")),
        fmt::format("{} -> {}", size_words(outcome.input_bytes), size_words(outcome.output_bytes)),
        duration_words(to_milliseconds(result.run)),
        result.site.host,
        process_words(result.site),
        std::to_string(result.thread)};
}

Value json_row(const FileOutcome& outcome) {
    Value row = to_json(outcome);
    row.update(outcome.value.is_object() ? outcome.value : Value::object());
    for (const char* inner : {"value", "payload_bytes", "bytes"}) {
        row.erase(inner);
    }
    row["input_bytes"] = outcome.input_bytes;
    row["output_bytes"] = outcome.output_bytes;
    return row;
}

void print(const std::vector<FileOutcome>& outcomes, const Output& output) {
    if (output.json()) {
        Value rows = Value::array();
        for (const FileOutcome& outcome : outcomes) {
            rows.push_back(json_row(outcome));
        }
        output.value(rows);
        return;
    }
    Table table({{"INPUT"},
                 {"OUTPUT"},
                 {"PIXELS"},
                 {"SIZE"},
                 {"TIME", Align::right},
                 {"HOST"},
                 {"PROCESS"},
                 {"THREAD", Align::right}});
    for (const FileOutcome& outcome : outcomes) {
        table.add(table_row(outcome));
    }
    output.table(table);
}

int run_resize(const ResizeOptions& options, const Globals& globals, const Output& output) {
    SubmissionFlags task;
    task.type = "image.resize";
    task.queue = options.queue;
    const Result<client::Submission> submission = read_submission(task);
    if (!submission) {
        return report(output, submission.error());
    }
    Result<std::vector<fs::path>> inputs = expand_inputs(options.inputs, image_extensions());
    if (!inputs) {
        return report(output, inputs.error());
    }
    if (inputs->empty()) {
        return report(
            output, {ErrorCode::malformed, "no .jpg, .jpeg, .png or .webp file in what was given"});
    }
    Result<Connected> broker = connect(globals);
    if (!broker) {
        return report(output, broker.error());
    }
    const std::string extension = options.format == "jpeg" ? ".jpg" : "." + options.format;
    const FileBatch batch{
        .submission = *submission,
        .args = resize_args(options),
        .inputs = std::move(*inputs),
        .out_dir = options.out_dir,
        .existing = options.overwrite ? Existing::overwrite : Existing::keep,
        .extension = [extension](const fs::path&) { return extension; },
    };
    const Result<FileBatchEnd> end = run_file_batch(*broker, batch, globals, output);
    if (!end) {
        return report(output, end.error());
    }
    print(end->outcomes, output);
    report_failures(end->outcomes, output);
    return end->exit_status;
}

}  // namespace

void add_image(CLI::App& app, Selection& selection) {
    CLI::App& noun = add_noun(app, "image", "Work on image files", image_noun_examples);
    add_command<ResizeOptions>(noun, selection, "resize", "Make images fit, on every core",
                               describe_image, run_resize);
}

}  // namespace penstock::cli
