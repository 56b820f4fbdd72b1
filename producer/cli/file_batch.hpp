// One task per file: reads the files a few at a time, sends each as a payload, and saves what
// comes back under a name of its own.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/model/task.hpp"
#include "common/protocol/value.hpp"
#include "producer/cli/broker_access.hpp"
#include "producer/cli/output.hpp"
#include "producer/cli/output_names.hpp"

namespace penstock::cli {

struct FileBatch {
    client::Submission submission;
    SharedBytes args;  // the same for all
    std::vector<std::filesystem::path> inputs;
    // Where results go; empty: they are not saved.
    std::filesystem::path out_dir;
    Existing existing = Existing::keep;
    // The result's extension (".jpg") for an input.
    std::function<std::string(const std::filesystem::path&)> extension;
};

// What became of one input.
struct FileOutcome {
    std::filesystem::path input;
    TaskId id;                     // empty: it was never handed over
    std::filesystem::path output;  // empty: nothing was saved
    std::uint64_t input_bytes = 0;
    std::uint64_t output_bytes = 0;
    std::optional<TaskResult> result;  // its payload is dropped once it is saved
    Value value;                       // the result's, or null
    std::optional<Error> failure;      // why there is no result, or no file
};

struct FileBatchEnd {
    std::vector<FileOutcome> outcomes;  // in the order of the inputs
    int exit_status = 0;
};

// Shows a progress bar while it runs. Errors: unavailable, and a folder that cannot be made.
[[nodiscard]] Result<FileBatchEnd> run_file_batch(Connected& broker, const FileBatch& batch,
                                                  const Globals& globals, const Output& output);

// "input", "output", "error" and what describe.hpp tells of the result; without one `state` is null
// and `id`, too, if there was no task.
[[nodiscard]] Value to_json(const FileOutcome& outcome);

// Says on stderr which inputs failed and why.
void report_failures(const std::vector<FileOutcome>& outcomes, const Output& output);

}  // namespace penstock::cli
