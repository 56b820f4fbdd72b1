#include "producer/cli/map_options.hpp"

#include "producer/cli/commands.hpp"

namespace penstock::cli {
namespace {

constexpr const char* map_examples = R"(
$ penstock map math.square '[1,2,3,4,5,6,7,8]' --chunks 4 --quiet
[1,4,9,16,25,36,49,64]
# any number of elements, added up
$ seq 1 100000 | penstock map math.square --from - --reduce sum --quiet
333338333350000
$ seq 1 100 | penstock map math.square --each --from - --reduce math.sum --quiet
338350
$ penstock map image.resize --files photos/*.jpg --args '{"width":200}' --out-dir small
)";
constexpr const char* map_remarks =
    "The result goes to stdout, who did what to stderr. Exit code 9: a part failed, and there is\n"
    "no result. With --reduce, --each, --chunk-size or --lines the elements are read as they are\n"
    "needed, so there may be any number of them.";

constexpr std::size_t count_max = 1'000'000;

// The flags of the other two ways to map.
struct Others {
    CLI::Option* chunks;
    CLI::Option* files;
};

void describe_stream(CLI::App& command, MapOptions& options, const Others& others) {
    command
        .add_option("--reduce", options.reduce,
                    "Adds the results up (sum), takes the mean of all numbers (mean), joins them "
                    "(concat), or calls this type with arrays of them until one is left")
        ->type_name("sum|mean|concat|TYPE")
        ->excludes(others.chunks)
        ->excludes(others.files);
    CLI::Option* const each =
        command
            .add_flag("--each", options.each,
                      "One task per element, which is its argument; without --reduce one line each")
            ->excludes(others.chunks)
            ->excludes(others.files);
    command
        .add_option("--chunk-size", options.chunk_size,
                    "Elements per task (default: more and more, up to 1000)")
        ->check(CLI::Range(std::size_t{1}, count_max))
        ->excludes(others.chunks)
        ->excludes(each)
        ->excludes(others.files);
    command
        .add_flag("--lines", options.lines,
                  "One element per line, even if the first line is an array")
        ->excludes(others.chunks)
        ->excludes(others.files);
}

CLI::Option* describe_elements(CLI::App& command, MapOptions& options) {
    CLI::Option* const array = command.add_option("ARRAY", options.array, "A JSON array");
    CLI::Option* const from =
        command
            .add_option("--from", options.from,
                        "Reads the array, or one element per line, from this file ('-': stdin)")
            ->excludes(array);
    CLI::Option* const chunks =
        command
            .add_option("--chunks", options.chunks,
                        "Tasks to split the array into (default: four per cpu slot)")
            ->check(CLI::Range(std::size_t{1}, count_max));
    command
        .add_option("--max-in-flight", options.max_in_flight,
                    "Tasks that have been handed over and not ended, at most")
        ->check(CLI::Range(std::size_t{1}, count_max))
        ->capture_default_str();
    CLI::Option* const files =
        command
            .add_option("--files", options.files,
                        "Instead of an array: one task per file, or per file of a folder")
            ->excludes(array)
            ->excludes(from)
            ->excludes(chunks);
    describe_stream(command, options, {chunks, files});
    return files;
}

void describe_files(CLI::App& command, MapOptions& options, CLI::Option* files) {
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
}

}  // namespace

void describe_map(CLI::App& command, MapOptions& options) {
    add_submission_flags(command, options.task);
    describe_files(command, options, describe_elements(command, options));
    process::add_examples(command, {map_examples, map_remarks});
}

}  // namespace penstock::cli
