#include "producer/cli/service.hpp"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "producer/cli/table.hpp"

namespace penstock::cli {
namespace {

// Whoever leaves by itself this soon has been started wrongly.
constexpr std::chrono::seconds refusal_window{2};
// A life this long was good for something.
constexpr std::chrono::seconds useful_life{10};

std::string words(const process::ChildEnd& end) {
    return end.signalled ? fmt::format("was killed by signal {}", end.code)
                         : fmt::format("ended with exit code {}", end.code);
}

}  // namespace

Service::Service(process::Command command, const Output& output)
    : command_(std::move(command)),
      name_(std::filesystem::path(command_.program).filename().string()),
      output_(output),
      start_at_(TimePoint{}) {}

void Service::tend(TimePoint now) {
    if (child_) {
        if (const std::optional<process::ChildEnd> end = child_->reap()) {
            child_.reset();
            bury(*end, now);
        }
    }
    if (!child_ && start_at_ && *start_at_ <= now) {
        start(now);
    }
}

void Service::start(TimePoint now) {
    start_at_.reset();
    started_ = now;
    ++starts_;
    Result<process::Child> child = process::spawn(command_);
    if (child) {
        child_.emplace(std::move(*child));
        return;
    }
    output_.error(child.error().message);
    if (starts_ == 1) {
        refusal_ = exit_status(ExitCode::error);
        return;
    }
    start_at_ = now + delay_.after_death(process::Life::fruitless, Duration::zero());
}

void Service::bury(const process::ChildEnd& end, TimePoint now) {
    if (stopping_) {
        return;
    }
    const Duration lived = now - started_;
    if (starts_ == 1 && !end.signalled && lived < refusal_window) {
        output_.error(fmt::format("{} {} right after its start", name_, words(end)));
        refusal_ = end.code == 0 ? exit_status(ExitCode::error) : end.code;
        return;
    }
    const auto life = lived < useful_life ? process::Life::fruitless : process::Life::useful;
    const Duration wait = delay_.after_death(life, lived);
    start_at_ = now + wait;
    const double wait_ms = std::chrono::duration<double, std::milli>(wait).count();
    output_.note(fmt::format("{} {}; starting it again {}", name_, words(end),
                             wait_ms > 0 ? "in " + duration_words(wait_ms) : "now"));
}

void Service::stop(int signal) {
    stopping_ = true;
    start_at_.reset();
    if (child_) {
        child_->signal(signal);
    }
}

}  // namespace penstock::cli
