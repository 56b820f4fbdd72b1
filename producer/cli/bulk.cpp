#include "producer/cli/bulk.hpp"

#include <fmt/format.h>
#include <utility>

#include "producer/cli/describe.hpp"
#include "producer/cli/line_reader.hpp"
#include "producer/cli/ordered_lines.hpp"
#include "producer/cli/progress_bar.hpp"
#include "producer/cli/submission_flags.hpp"
#include "producer/cli/task_stream.hpp"

namespace penstock::cli {
namespace {

// Enough to keep any number of workers busy, little enough to hold.
constexpr std::size_t in_flight_max = 20'000;
// Results that wait for an earlier one: a slow task holds the input back, not the memory full.
constexpr std::size_t held_lines_max = 20'000;
constexpr std::size_t held_bytes_max = std::size_t{64} << 20U;
constexpr std::size_t line_max_bytes = std::size_t{32} << 20U;

class LineTasks {
  public:
    LineTasks(LineReader reader, const Output& output)
        : reader_(std::move(reader)),
          output_(output),
          bar_(output),
          lines_([&output](const std::string& line) { output.line(line); }) {}

    [[nodiscard]] int descriptor() const { return reader_.descriptor(); }

    Offer next() {
        while (true) {
            Result<LineReader::Status> status = reader_.next(line_);
            if (!status) {
                return std::move(status.error());
            }
            switch (*status) {
                case LineReader::Status::later: return NoneYet{};
                case LineReader::Status::end: return NoneLeft{};
                case LineReader::Status::line: break;
            }
            ++line_number_;
            if (line_.find_first_not_of(" \t\r") != std::string::npos) {
                return read_line();
            }
        }
    }

    [[nodiscard]] bool takes_more() const {
        return lines_.waiting() < held_lines_max && lines_.waiting_bytes() < held_bytes_max;
    }

    void end(std::size_t index, const TaskId& id, const Ending& ending) {
        if (std::holds_alternative<Unfinished>(ending)) {
            lines_.add(index, line_without_value(index, id, Value(nullptr)));
            return;
        }
        if (const auto* receipt = std::get_if<client::Receipt>(&ending)) {
            lines_.add(index, receipt_line(index, id, *receipt));
            return;
        }
        if (const auto* result = std::get_if<TaskResult>(&ending)) {
            end(index, *result);
            return;
        }
        const Error& error = std::get<Error>(ending);
        const bool handed_over = id != TaskId{};
        fail(index, (handed_over ? to_text(id) + ": " : "") + error.message, exit_code(error.code));
        unsure_ = unsure_ || (handed_over && error.code == ErrorCode::unavailable);
        lines_.add(index, line_without_value(index, id, to_json(error)));
    }

    void step(std::size_t ended) {
        bar_.step(ended);
        // Whoever reads from a pipe gets each line when it is there; main() reports a failure.
        static_cast<void>(Output::flush());
    }

    [[nodiscard]] int finish(Wake wake, const Interrupt& interrupt) {
        bar_.finish();
        if (unsure_) {
            output_.error("the broker may have these tasks all the same: penstock task result ID");
        }
        if (wake == Wake::interrupted) {
            output_.note("What was accepted goes on: penstock task ls");
            return exit_status(interrupt.signal());
        }
        if (wake == Wake::timed_out) {
            output_.error("the wait is over, what was accepted goes on: penstock task ls");
            return exit_status(ExitCode::wait_timed_out);
        }
        return exit_status(exit_);
    }

  private:
    Offer read_line() {
        Result<SharedBytes> args = read_args(line_, fmt::format("line {}", line_number_));
        if (!args) {
            return std::move(args.error());
        }
        return client::NewTask{client::new_task_id(), {std::move(*args), {}}};
    }

    void end(std::size_t index, const TaskResult& result) {
        if (const ExitCode code = exit_code(result); code != ExitCode::ok) {
            fail(index, fmt::format("{} is {}", to_text(result.id), failure_words(result)), code);
        }
        Value object = to_json(result);
        object["index"] = index;
        lines_.add(index, json_from_value(output_.json() ? object : object["value"]));
    }

    [[nodiscard]] std::string receipt_line(std::size_t index, const TaskId& id,
                                           const client::Receipt& receipt) const {
        if (!output_.json()) {
            return to_text(id);
        }
        return json_from_value({{"index", index},
                                {"id", to_text(id)},
                                {"durability", name(receipt.durability)},
                                {"error", nullptr}});
    }

    [[nodiscard]] std::string line_without_value(std::size_t index, const TaskId& id,
                                                 const Value& error) const {
        if (!output_.json()) {
            return "null";
        }
        return json_from_value({{"index", index},
                                {"id", id == TaskId{} ? Value(nullptr) : Value(to_text(id))},
                                {"state", nullptr},
                                {"error", error}});
    }

    void fail(std::size_t index, const std::string& text, ExitCode code) {
        bar_.clear();
        output_.error(fmt::format("task {}: {}", index + 1, text));
        bar_.count_failure();
        exit_ = graver(exit_, code);
    }

    LineReader reader_;
    const Output& output_;
    ProgressBar bar_;
    OrderedLines lines_;
    ExitCode exit_ = ExitCode::ok;
    bool unsure_ = false;  // tasks were handed over to a broker that went away
    std::string line_;
    std::size_t line_number_ = 0;
};

}  // namespace

int submit_lines(client::Client& client, const Bulk& bulk, const Globals& globals,
                 const Output& output) {
    Result<LineReader> reader = LineReader::open(bulk.file, line_max_bytes);
    if (!reader) {
        return report(output, reader.error());
    }
    LineTasks tasks(std::move(*reader), output);
    const Interrupt interrupt;
    const TaskStream stream{
        .submission = bulk.submission,
        .interest = bulk.interest,
        .in_flight_max = in_flight_max,
        .next = [&] { return tasks.next(); },
        .input_descriptor = tasks.descriptor(),
        .takes_more = [&] { return tasks.takes_more(); },
        .on_end = [&](std::size_t index, const TaskId& id,
                      const Ending& ending) { tasks.end(index, id, ending); },
        .on_step = [&](std::size_t ended) { tasks.step(ended); },
    };
    const Wake wake = run_stream(client, stream, deadline_of(globals), interrupt);
    return tasks.finish(wake, interrupt);
}

}  // namespace penstock::cli
