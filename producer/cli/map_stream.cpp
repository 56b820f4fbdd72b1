#include "producer/cli/map_stream.hpp"

#include <fmt/format.h>
#include <unordered_map>
#include <utility>
#include <variant>

#include "producer/cli/describe.hpp"
#include "producer/cli/progress_bar.hpp"
#include "producer/cli/reduction.hpp"
#include "producer/cli/task_stream.hpp"

namespace penstock::cli {
namespace {

// Of the arguments of tasks that have not ended, whatever their number.
constexpr std::size_t in_flight_max_bytes = std::size_t{64} << 20U;
// More failures than these are only counted: a broken type fails a million times.
constexpr std::size_t told_failures_max = 20;

class MapStream {
  public:
    MapStream(const StreamJob& job, Parts parts, const Output& output)
        : parts_(std::move(parts)),
          output_(output),
          reduction_(make_reduction(job.reduce, output)),
          needs_all_(!job.reduce.empty()),
          prints_itself_(!needs_all_ || job.reduce == "concat"),
          shows_bar_(!prints_itself_ || !output.is_terminal()),
          bar_(output) {}

    [[nodiscard]] int descriptor() const { return parts_.descriptor(); }

    Offer next() {
        if (!gives_up()) {
            if (std::optional<ResultTree::Group> group = reduction_->next_group()) {
                return reducing_task(std::move(*group));
            }
        }
        if (input_ended_ || gives_up()) {
            const bool over = gives_up() || reduction_->is_done();
            return over ? Offer(NoneLeft{}) : Offer(NoneUntilEnd{});
        }
        if (!reduction_->takes_more() || in_flight_bytes_ >= in_flight_max_bytes) {
            return NoneUntilEnd{};
        }
        return next_part();
    }

    void end(const TaskId& id, const Ending& ending) {
        if (id == TaskId{}) {
            fail("", std::get<Error>(ending).message, exit_code(std::get<Error>(ending).code));
            return;
        }
        const auto position = works_.find(id);
        const Work work = position->second;
        works_.erase(position);
        in_flight_bytes_ -= work.bytes;
        if (std::holds_alternative<Unfinished>(ending)) {
            return;
        }
        done_ += work.elements;
        const auto* const result = std::get_if<TaskResult>(&ending);
        if (result != nullptr && exit_code(*result) == ExitCode::ok) {
            add(work, *result);
        } else {
            tell_failure(id, ending);
            miss(work);
        }
    }

    void step() {
        if (shows_bar_) {
            bar_.step(done_);
        }
        // Whoever reads from a pipe gets what is there; main() reports a failure.
        output_failed_ = !Output::flush();
    }

    [[nodiscard]] int finish(Wake wake, const Interrupt& interrupt) {
        if (prints_itself_) {
            bar_.clear();
            print(wake);
            output_failed_ = !Output::flush();
        }
        bar_.step(done_);
        bar_.finish();
        if (failures_ > told_failures_max) {
            output_.error(fmt::format("{} tasks failed in all", failures_));
        }
        if (unsure_) {
            output_.error("the broker may have these tasks all the same: penstock task result ID");
        }
        if (wake == Wake::timed_out) {
            output_.error("the wait is over, what was accepted goes on: penstock task ls");
            exit_ = graver(exit_, ExitCode::wait_timed_out);
        }
        if (!prints_itself_) {
            print(wake);
        }
        if (wake == Wake::interrupted) {
            output_.note("What was accepted goes on: penstock task ls");
            return exit_status(interrupt.signal());
        }
        return exit_status(exit_);
    }

  private:
    // What a task is for: a part, or a step of the reduction.
    struct Work {
        std::size_t elements = 0;
        std::size_t bytes = 0;
        ResultTree::Node node;  // level 0: the part of that index
    };

    [[nodiscard]] bool gives_up() const {
        return output_failed_ || (needs_all_ && exit_ != ExitCode::ok);
    }

    Offer next_part() {
        Part part;
        const Result<Parts::Status> status = parts_.next(part);
        if (!status) {
            end_input();
            return status.error();
        }
        switch (*status) {
            case Parts::Status::later: return NoneYet{};
            case Parts::Status::end: end_input(); return next();
            case Parts::Status::part: break;
        }
        elements_ += part.elements;
        return task({part.elements, part.args.size(), {0, part_count_++}}, std::move(part.args));
    }

    void end_input() {
        input_ended_ = true;
        reduction_->set_count(part_count_);
        bar_.set_total(elements_);
    }

    Offer reducing_task(ResultTree::Group group) {
        SharedBytes args = msgpack_from_value(group.args);
        return FollowUp{task({0, args.size(), group.node}, std::move(args))};
    }

    client::NewTask task(const Work& work, SharedBytes args) {
        const TaskId id = client::new_task_id();
        works_.emplace(id, work);
        in_flight_bytes_ += work.bytes;
        return {id, {std::move(args), {}}};
    }

    void add(const Work& work, const TaskResult& result) {
        Result<Value> value = value_from_msgpack(result.output.args.view());
        if (value && work.node.level > 0) {
            reduction_->add_reduced(work.node, std::move(*value));
            return;
        }
        const Result<void> added = value ? reduction_->add(work.node.index, std::move(*value))
                                         : tl::unexpected(value.error());
        if (!added) {
            fail(to_text(result.id), "its result: " + added.error().message, ExitCode::error);
            miss(work);
        }
    }

    void miss(const Work& work) {
        if (work.node.level == 0) {
            reduction_->miss(work.node.index);
        }
    }

    void tell_failure(const TaskId& id, const Ending& ending) {
        if (const auto* result = std::get_if<TaskResult>(&ending)) {
            fail(to_text(id), "it is " + failure_words(*result), exit_code(*result));
        } else if (const auto* error = std::get_if<Error>(&ending)) {
            unsure_ = unsure_ || error->code == ErrorCode::unavailable;
            fail(to_text(id), error->message, exit_code(error->code));
        }
    }

    void fail(const std::string& task, const std::string& message, ExitCode code) {
        exit_ = graver(exit_, code);
        if (!task.empty()) {
            bar_.count_failure();
        }
        if (++failures_ <= told_failures_max) {
            bar_.clear();
            output_.error(task.empty() ? message : task + ": " + message);
        }
    }

    void print(Wake wake) {
        const bool whole = wake == Wake::news && exit_ == ExitCode::ok;
        if (!whole) {
            reduction_->give_up();
        }
        Result<std::optional<Value>> value =
            whole ? reduction_->finish() : Result<std::optional<Value>>(std::nullopt);
        if (!value) {
            fail("", value.error().message, ExitCode::error);
        }
        const bool has_value = value && *value;
        if (output_.json() && !prints_itself_) {
            output_.value({{"value", has_value ? **value : Value(nullptr)},
                           {"elements", elements_},
                           {"tasks", part_count_},
                           {"failed", failures_}});
        } else if (has_value) {
            output_.value(**value);
        }
    }

    Parts parts_;
    const Output& output_;
    std::unique_ptr<Reduction> reduction_;
    bool needs_all_;      // without one part there is no value
    bool prints_itself_;  // as it goes
    bool shows_bar_;      // which would erase the line that is being printed
    ProgressBar bar_;
    std::unordered_map<TaskId, Work> works_;
    std::size_t in_flight_bytes_ = 0;
    std::size_t part_count_ = 0;
    std::size_t elements_ = 0;
    std::size_t done_ = 0;
    std::size_t failures_ = 0;
    bool input_ended_ = false;
    bool output_failed_ = false;
    bool unsure_ = false;  // tasks were handed over to a broker that went away
    ExitCode exit_ = ExitCode::ok;
};

}  // namespace

int map_stream(client::Client& client, const StreamJob& job, Parts parts, const Globals& globals,
               const Output& output) {
    MapStream map(job, std::move(parts), output);
    const Interrupt interrupt;
    client::Submission reducing = job.submission;
    reducing.type = job.reduce;
    const TaskStream stream{
        .submission = job.submission,
        .follow_up = std::move(reducing),
        .in_flight_max = job.in_flight_max,
        .next = [&] { return map.next(); },
        .input_descriptor = map.descriptor(),
        .on_end = [&](std::size_t, const TaskId& id, const Ending& ending) { map.end(id, ending); },
        .on_step = [&](std::size_t) { map.step(); },
    };
    const Wake wake = run_stream(client, stream, deadline_of(globals), interrupt);
    return map.finish(wake, interrupt);
}

}  // namespace penstock::cli
