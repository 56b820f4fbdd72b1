#include "producer/cli/map_array.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "producer/cli/chunks.hpp"
#include "producer/cli/describe.hpp"
#include "producer/cli/progress_bar.hpp"
#include "producer/cli/task_stream.hpp"

namespace penstock::cli {
namespace {

class Chunks {
  public:
    Chunks(const ArrayJob& job, const Output& output)
        : job_(job),
          output_(output),
          ranges_(split(job.array.size(), job.chunks)),
          bar_(output, ranges_.size()) {
        endings_.resize(ranges_.size());
        ids_.resize(ranges_.size());
    }

    [[nodiscard]] std::size_t size() const { return ranges_.size(); }

    Offer next() {
        if (next_ == ranges_.size()) {
            return NoneLeft{};
        }
        const Range range = ranges_.at(next_);
        const auto begin = job_.array.begin() + static_cast<std::ptrdiff_t>(range.begin);
        const auto end = job_.array.begin() + static_cast<std::ptrdiff_t>(range.end);
        const Value part(Value::array_t(begin, end));
        const TaskId id = ids_.at(next_++) = client::new_task_id();
        return client::NewTask{id, {msgpack_from_value(part), {}}};
    }

    void end(std::size_t index, Ending ending) {
        if (std::holds_alternative<Unfinished>(ending)) {
            return;
        }
        const ExitCode code = code_of(ending);
        if (code != ExitCode::ok) {
            bar_.clear();
            output_.error(fmt::format("chunk {}: {}: {}", index, to_text(ids_.at(index)),
                                      failure_of(ending)));
            unsure_ = unsure_ || code == ExitCode::unavailable;
            bar_.count_failure();
            exit_ = graver(exit_, code);
        }
        endings_.at(index) = std::move(ending);
    }

    void step(std::size_t ended) { bar_.step(ended); }

    int finish(Wake wake, const Interrupt& interrupt) {
        bar_.finish();
        if (unsure_) {
            output_.error("the broker may have these tasks all the same: penstock task result ID");
        }
        if (wake == Wake::interrupted) {
            if (output_.json()) {
                print_json();
            }
            output_.note("What was accepted goes on: penstock task ls");
            return exit_status(interrupt.signal());
        }
        if (wake == Wake::timed_out) {
            exit_ = graver(exit_, ExitCode::wait_timed_out);
            output_.error("the wait is over, what was accepted goes on: penstock task ls");
        }
        if (output_.json()) {
            print_json();
            return exit_status(exit_);
        }
        print_table();
        if (exit_ == ExitCode::ok) {
            print_joined();
        }
        return exit_status(exit_);
    }

  private:
    static ExitCode code_of(const Ending& ending) {
        const auto* error = std::get_if<Error>(&ending);
        return error != nullptr ? exit_code(error->code) : exit_code(std::get<TaskResult>(ending));
    }
    static std::string failure_of(const Ending& ending) {
        const auto* error = std::get_if<Error>(&ending);
        return error != nullptr ? error->message : failure_words(std::get<TaskResult>(ending));
    }
    [[nodiscard]] const TaskResult* result_of(std::size_t index) const {
        return std::get_if<TaskResult>(&endings_.at(index));
    }

    void print_json() const {
        Value rows = Value::array();
        for (std::size_t index = 0; index < endings_.size(); ++index) {
            const TaskResult* const result = result_of(index);
            Value row = result != nullptr ? to_json(*result)
                                          : Value{{"id", to_text(ids_.at(index))},
                                                  {"state", nullptr},
                                                  {"error", nullptr}};
            if (const auto* error = std::get_if<Error>(&endings_.at(index))) {
                row["error"] = to_json(*error);
            }
            row["index"] = index;
            rows.push_back(std::move(row));
        }
        output_.value(rows);
    }

    void print_table() const {
        Table table({{"CHUNK", Align::right},
                     {"ITEMS", Align::right},
                     {"STATE"},
                     {"TIME", Align::right},
                     {"HOST"},
                     {"PROCESS"},
                     {"THREAD", Align::right}});
        for (std::size_t index = 0; index < endings_.size(); ++index) {
            const std::string items =
                std::to_string(ranges_.at(index).end - ranges_.at(index).begin);
            const TaskResult* const result = result_of(index);
            if (result == nullptr) {
                const bool failed = std::holds_alternative<Error>(endings_.at(index));
                table.add({std::to_string(index), items, failed ? "failed" : "not finished", "", "",
                           "", ""});
                continue;
            }
            table.add({std::to_string(index), items, std::string(name(result->state)),
                       duration_words(to_milliseconds(result->run)), result->site.host,
                       process_words(result->site), std::to_string(result->thread)});
        }
        output_.note_table(table);
    }

    void print_joined() const {
        std::vector<Value> answers;
        for (std::size_t index = 0; index < endings_.size(); ++index) {
            const ByteView bytes = result_of(index)->output.args.view();
            answers.push_back(value_from_msgpack(bytes).value_or(Value()));
        }
        output_.value(join(std::move(answers)));
    }

    const ArrayJob& job_;
    const Output& output_;
    std::vector<Range> ranges_;
    ProgressBar bar_;
    std::vector<Ending> endings_;
    std::vector<TaskId> ids_;
    bool unsure_ = false;  // tasks were handed over to a broker that went away
    ExitCode exit_ = ExitCode::ok;
    std::size_t next_ = 0;
};

}  // namespace

int map_array(client::Client& client, const ArrayJob& job, const Globals& globals,
              const Output& output) {
    Chunks chunks(job, output);
    const Interrupt interrupt;
    const TaskStream stream{
        .submission = job.submission,
        .in_flight_max = job.in_flight_max,
        .next = [&] { return chunks.next(); },
        .on_end = [&](std::size_t index, const TaskId&,
                      Ending ending) { chunks.end(index, std::move(ending)); },
        .on_step = [&](std::size_t ended) { chunks.step(ended); },
    };
    const Wake wake = run_stream(client, stream, deadline_of(globals), interrupt);
    return chunks.finish(wake, interrupt);
}

}  // namespace penstock::cli
