#include "producer/cli/file_batch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "producer/cli/describe.hpp"
#include "producer/cli/files.hpp"
#include "producer/cli/progress_bar.hpp"
#include "producer/cli/task_stream.hpp"
#include "producer/cli/write_files.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

// Files that are read and not yet done: two per core keep the cores busy, more only fill memory.
constexpr std::size_t per_slot = 2;
constexpr std::size_t in_flight_least = 4;
constexpr std::size_t in_flight_most = 64;

class Batch {
  public:
    Batch(const FileBatch& batch, Connected& broker, const Output& output)
        : batch_(batch),
          broker_(broker),
          bar_(output, batch.inputs.size()),
          names_(batch.out_dir, batch.existing) {
        for (const fs::path& input : batch.inputs) {
            names_.protect(input);
        }
        for (const fs::path& input : batch.inputs) {
            FileOutcome& outcome = end_.outcomes.emplace_back();
            outcome.input = input;
            outcome.failure = Error{ErrorCode::timed_out, "not finished"};
            planned_.push_back(saves() ? names_.choose(input, batch.extension(input)) : fs::path());
        }
    }

    Offer next() {
        if (next_ == batch_.inputs.size()) {
            return NoneLeft{};
        }
        FileOutcome& outcome = end_.outcomes.at(next_++);
        Result<SharedBytes> payload =
            read_payload(outcome.input.string(), broker_.terms.body_max_bytes,
                         [&](std::size_t bytes) { return broker_.client.payload_buffer(bytes); });
        if (!payload) {
            return std::move(payload.error());
        }
        outcome.input_bytes = payload->size();
        outcome.id = client::new_task_id();
        return client::NewTask{outcome.id, {batch_.args, std::move(*payload)}};
    }

    void end(std::size_t index, Ending ending) {
        FileOutcome& outcome = end_.outcomes.at(index);
        if (std::holds_alternative<Unfinished>(ending)) {
            return;
        }
        outcome.failure.reset();
        if (auto* result = std::get_if<TaskResult>(&ending)) {
            take_result(index, std::move(*result));
        } else if (const auto* error = std::get_if<Error>(&ending)) {
            // What went wrong with one file is that file's failure; only a broker that is gone
            // is more.
            const bool gone = error->code == ErrorCode::unavailable;
            const std::string later =
                gone ? "; it may have the task: penstock task result " + to_text(outcome.id) : "";
            fail(outcome, {error->code, error->message + later},
                 gone ? ExitCode::unavailable : ExitCode::task_failed);
        }
    }

    void step(std::size_t ended) { bar_.step(ended); }

    FileBatchEnd finish(Wake wake, const Interrupt& interrupt) {
        bar_.finish();
        end_.exit_status = exit_status(exit_);
        if (wake == Wake::interrupted) {
            end_.exit_status = exit_status(interrupt.signal());
        } else if (wake == Wake::timed_out) {
            end_.exit_status = exit_status(ExitCode::wait_timed_out);
        }
        return std::move(end_);
    }

  private:
    [[nodiscard]] bool saves() const { return !batch_.out_dir.empty(); }

    void take_result(std::size_t index, TaskResult result) {
        FileOutcome& outcome = end_.outcomes.at(index);
        if (exit_code(result) != ExitCode::ok) {
            const ErrorCode code = result.error ? result.error->code : ErrorCode::failed;
            fail(outcome, {code, failure_words(result)}, ExitCode::task_failed);
        } else {
            outcome.output_bytes = result.output.payload.size();
            outcome.value = value_from_msgpack(result.output.args.view()).value_or(Value());
            save(index, result.output.payload);
        }
        result.output = {};
        outcome.result = std::move(result);
    }

    void save(std::size_t index, const SharedBytes& payload) {
        if (!saves()) {
            return;
        }
        FileOutcome& outcome = end_.outcomes.at(index);
        fs::path& path = planned_.at(index);
        Result<void> written = write_file(path, payload.view(), batch_.existing);
        while (!written && written.error().code == ErrorCode::conflict) {
            // Somebody else made a file of that name since the names were chosen.
            path = names_.choose(outcome.input, batch_.extension(outcome.input));
            written = write_file(path, payload.view(), batch_.existing);
        }
        if (!written) {
            fail(outcome,
                 {written.error().code,
                  fmt::format("{}; the result is kept: penstock task result {} --out FILE",
                              written.error().message, to_text(outcome.id))},
                 ExitCode::error);
            return;
        }
        outcome.output = path;
    }

    void fail(FileOutcome& outcome, Error reason, ExitCode code) {
        outcome.failure = std::move(reason);
        bar_.count_failure();
        exit_ = graver(exit_, code);
    }

    const FileBatch& batch_;
    Connected& broker_;
    ProgressBar bar_;
    OutputNames names_;
    std::vector<fs::path> planned_;
    FileBatchEnd end_;
    ExitCode exit_ = ExitCode::ok;
    std::size_t next_ = 0;
};

}  // namespace

Result<FileBatchEnd> run_file_batch(Connected& broker, const FileBatch& batch,
                                    const Globals& globals, const Output& output) {
    const Result<std::size_t> slots = count_cpu_slots(broker.client, globals);
    if (!slots) {
        return tl::unexpected(slots.error());
    }
    if (const auto made = batch.out_dir.empty() ? Result<void>() : make_folder(batch.out_dir);
        !made) {
        return tl::unexpected(made.error());
    }
    Batch files(batch, broker, output);
    const Interrupt interrupt;
    const TaskStream stream{
        .submission = batch.submission,
        .in_flight_max = std::clamp(per_slot * *slots, in_flight_least, in_flight_most),
        .next = [&] { return files.next(); },
        .on_end = [&](std::size_t index, const TaskId&,
                      Ending ending) { files.end(index, std::move(ending)); },
        .on_step = [&](std::size_t ended) { files.step(ended); },
    };
    const Wake wake = run_stream(broker.client, stream, deadline_of(globals), interrupt);
    return files.finish(wake, interrupt);
}

Value to_json(const FileOutcome& outcome) {
    Value row{{"state", nullptr}};
    if (outcome.result) {
        row = to_json(*outcome.result);
    } else {
        row["id"] = outcome.id == TaskId{} ? Value(nullptr) : Value(to_text(outcome.id));
    }
    row["input"] = outcome.input.string();
    row["output"] = outcome.output.empty() ? Value() : Value(outcome.output.string());
    const bool task_failed = outcome.result && outcome.result->error;
    if (!task_failed) {
        row["error"] = outcome.failure ? to_json(*outcome.failure) : Value(nullptr);
    }
    return row;
}

void report_failures(const std::vector<FileOutcome>& outcomes, const Output& output) {
    static_cast<void>(Output::flush());
    for (const FileOutcome& outcome : outcomes) {
        if (!outcome.failure) {
            continue;
        }
        // What went wrong with the file itself names it already.
        const std::string input = outcome.input.string();
        const std::string& reason = outcome.failure->message;
        const bool named = reason.find(input) != std::string::npos;
        output.error(named ? reason : fmt::format("{}: {}", input, reason));
    }
}

}  // namespace penstock::cli
