#include "worker/handlers/exec/command.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "common/model/assert.hpp"
#include "common/process/spawn.hpp"
#include "worker/handlers/exec/descriptors.hpp"
#include "worker/handlers/exec/limits.hpp"

namespace penstock::worker::exec {
namespace {

// A started command. Destroying it kills its process group.
class Running {
  public:
    Running(process::Child child, Descriptor standard_output, Descriptor standard_error)
        : child_(std::move(child)),
          output_(std::move(standard_output)),
          error_(std::move(standard_error)) {}
    Running(Running&&) = default;
    Running& operator=(Running&&) = delete;
    // Before the child is reaped, so that no other group can have got its number.
    ~Running() { static_cast<void>(child_.signal_group(SIGKILL)); }

    // Waits for output or the end, at most `duration`.
    void wait(std::chrono::milliseconds duration);
    // Takes what has been written, and forgets what is over the limits. Returns whether the command
    // has ended.
    [[nodiscard]] bool turn(std::size_t output_bytes_max);
    // Requires: it has ended.
    [[nodiscard]] CommandEnd end();
    [[nodiscard]] std::size_t output_bytes() const { return seen_.standard_output.size(); }

  private:
    void take_error();

    process::Child child_;
    Descriptor output_;
    Descriptor error_;
    CommandEnd seen_;
};

void Running::wait(std::chrono::milliseconds duration) {
    // A negative descriptor is skipped by poll().
    std::array<pollfd, 3> watched{pollfd{child_.descriptor(), POLLIN, 0},
                                  pollfd{output_.number(), POLLIN, 0},
                                  pollfd{error_.number(), POLLIN, 0}};
    static_cast<void>(poll(watched.data(), watched.size(), static_cast<int>(duration.count())));
}

bool Running::turn(std::size_t output_bytes_max) {
    // Looked at first: what was written before the end is then read below.
    pollfd ended{child_.descriptor(), POLLIN, 0};
    const bool has_ended = poll(&ended, 1, 0) == 1;
    if (output_.number() >= 0 &&
        !read_available(output_, seen_.standard_output, output_bytes_max)) {
        output_.close();
    }
    take_error();
    return has_ended;
}

void Running::take_error() {
    std::string& text = seen_.standard_error;
    // As much at a time as the pipe holds.
    constexpr std::size_t taken_max = stderr_bytes_max + 65'536;
    if (error_.number() >= 0 && !read_available(error_, text, taken_max)) {
        error_.close();
    }
    if (text.size() > stderr_bytes_max) {
        text.erase(0, text.size() - stderr_bytes_max);
    }
}

CommandEnd Running::end() {
    // What it has left running in its group goes with it.
    static_cast<void>(child_.signal_group(SIGKILL));
    const std::optional<process::ChildEnd> how = child_.reap();
    PENSTOCK_ASSERT(how.has_value());
    seen_.exit = how->signalled ? 128 + how->code : how->code;
    return std::move(seen_);
}

Result<Running> start(const CommandPlan& plan) {
    Result<Descriptor> input = file_with(plan.standard_input);
    Result<Pipe> output = make_pipe();
    Result<Pipe> error = make_pipe();
    if (!input || !output || !error) {
        return tl::unexpected(!input ? input.error() : !output ? output.error() : error.error());
    }
    Result<process::Child> child = process::spawn({plan.argv.front(),
                                                   {plan.argv.begin() + 1, plan.argv.end()},
                                                   {{input->number(), STDIN_FILENO},
                                                    {output->writing.number(), STDOUT_FILENO},
                                                    {error->writing.number(), STDERR_FILENO}},
                                                   plan.environment});
    if (!child) {
        return fail(ErrorCode::failed, child.error().message);
    }
    return Running(std::move(*child), std::move(output->reading), std::move(error->reading));
}

std::chrono::milliseconds since(TimePoint started) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Instant::read().steady - started);
}

Result<CommandEnd> watch(Running& running, const CommandPlan& plan, TimePoint started,
                         Context& context) {
    const TimePoint end = std::min(started + plan.time_limit, context.deadline() - before_deadline);
    for (;;) {
        const bool has_ended = running.turn(plan.output_bytes_max);
        if (running.output_bytes() > plan.output_bytes_max) {
            return fail(ErrorCode::rejected, "the command wrote more than " +
                                                 std::to_string(plan.output_bytes_max) +
                                                 " bytes, and was ended");
        }
        if (has_ended) {
            CommandEnd ended = running.end();
            ended.time = since(started);
            return ended;
        }
        const Duration left = end - Instant::read().steady;
        if (left <= Duration::zero()) {
            return fail(ErrorCode::failed, "the command ran for " +
                                               std::to_string(since(started).count()) +
                                               " ms, its time limit, and was ended");
        }
        if (context.cancelled()) {
            return fail(ErrorCode::cancelled, "cancelled, and the command ended");
        }
        running.wait(std::min(look_every, std::chrono::ceil<std::chrono::milliseconds>(left)));
    }
}

}  // namespace

Result<CommandEnd> run_command(const CommandPlan& plan, Context& context) {
    const TimePoint started = Instant::read().steady;
    Result<Running> running = start(plan);
    if (!running) {
        return tl::unexpected(running.error());
    }
    return watch(*running, plan, started, context);
}

}  // namespace penstock::worker::exec
