#include "worker/shell/supervisor.hpp"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "common/process/units.hpp"
#include "common/telemetry/log.hpp"
#include "worker/core/session.hpp"

namespace penstock::worker {
namespace {

// A process that served for so long without work was no failure, either.
constexpr auto serving_is_useful_after = std::chrono::seconds(10);
// Nor is one that waits for its broker for so long.
constexpr auto living_is_useful_after = std::chrono::seconds(60);
// What a process gets beyond its own drain timeout, and when it was told to leave at once.
constexpr auto leave_within = std::chrono::seconds(2);
// What the broker gets to note the last obituaries.
constexpr auto last_words_within = std::chrono::seconds(2);
// What the reporter gets for its goodbye. Its metrics library may take two seconds more to stop,
// which nobody has to wait for.
constexpr auto goodbye_within = std::chrono::milliseconds(300);
// How often beats are looked at, at least.
constexpr auto watch_every = std::chrono::seconds(1);

bool lasts(const ProcessMark& mark, Duration lived) {
    const bool serves = static_cast<Stage>(mark.stage.load()) != Stage::joining;
    return lived >= (serves ? serving_is_useful_after : living_is_useful_after);
}

// Work was done, or was being done: then the task is to blame, and the broker's quarantine deals
// with it; a process that waits would only punish the others.
process::Life worth_of(const ProcessMark& mark, const protocol::Obituary& obituary,
                       Duration lived) {
    const bool worked = mark.completed + mark.failed > 0 || !obituary.started.empty();
    return worked || lasts(mark, lived) ? process::Life::useful : process::Life::fruitless;
}

}  // namespace

Supervisor::Supervisor(const Config& config, std::vector<std::string> arguments, SlotPage page)
    : config_(config),
      arguments_(std::move(arguments)),
      page_(std::move(page)),
      workers_(config.processes),
      reporter_(command(Role::reporter, 0)),
      beat_watch_(config.processes),
      oom_watch_("/") {}

process::Command Supervisor::command(Role role, std::size_t number) const {
    process::Command command{
        process::this_program, arguments_, {{page_.descriptor(), page_descriptor}}};
    command.arguments.insert(command.arguments.end(),
                             {"--role", role == Role::reporter ? "reporter" : "process",
                              "--process-number", std::to_string(number)});
    return command;
}

process::ExitCode Supervisor::run(process::SignalQueue& signals) {
    telemetry::info("ready processes={} cpu_slots={} wait_slots={} broker={}", config_.processes,
                    config_.cpu_slots, config_.wait_slots, config_.broker.text);
    for (;;) {
        const TimePoint now = Instant::read().steady;
        take_signals(signals, now);
        pass_on_words();
        reap(now);
        reporter_.turn(now);
        if (phase_ == Phase::running) {
            watch(now);
            end_crash_loop(now);
            start_due(now);
        } else if (any_alive()) {
            keep_deadline(now);
        } else {
            break;
        }
        wait(signals, now);
    }
    finish(signals);
    telemetry::info("stopped{}", forced_ ? ", some by force" : "");
    return forced_ ? process::ExitCode::error : process::ExitCode::ok;
}

void Supervisor::take_signals(process::SignalQueue& signals, TimePoint now) {
    while (const auto signal = signals.next()) {
        if (*signal == SIGCHLD) {
            continue;
        }
        switch (phase_) {
            case Phase::running:
                telemetry::info("draining, at most {}",
                                process::duration_text(config_.drain_timeout));
                phase_ = Phase::draining;
                deadline_ = now + config_.drain_timeout + leave_within;
                signal_all(SIGTERM);
                break;
            case Phase::draining:
                telemetry::info("leaving at once, the tasks go back to the broker");
                phase_ = Phase::leaving;
                deadline_ = now + leave_within;
                // Not SIGTERM, which would merge with the first one where that still waits.
                signal_all(SIGINT);
                break;
            case Phase::leaving: kill_all(); break;
        }
    }
}

void Supervisor::keep_deadline(TimePoint now) {
    if (now >= deadline_) {
        kill_all();
    }
}

void Supervisor::pass_on_words() {
    words_wait_ = false;
    for (Worker& worker : workers_) {
        if (worker.words && !worker.words->pass_on(STDERR_FILENO)) {
            words_wait_ = true;
        }
    }
}

void Supervisor::reap(TimePoint now) {
    std::vector<pid_t> own;
    for (std::size_t number = 0; number < workers_.size(); ++number) {
        std::optional<process::Child>& child = workers_[number].child;
        if (!child) {
            continue;
        }
        if (const auto end = child->reap()) {
            child.reset();
            bury(number, *end, now);
        } else {
            own.push_back(child->pid());
        }
    }
    if (const auto pid = reporter_.pid()) {
        own.push_back(*pid);
    }
    process::reap_strangers(own);
}

void Supervisor::bury(std::size_t number, const process::ChildEnd& end, TimePoint now) {
    Worker& worker = workers_[number];
    ProcessMark& mark = page_.process(number);
    const Circumstances circumstances{worker.killed_as_stuck, oom_watch_.explains_death(now)};
    protocol::Obituary obituary = obituary_of(mark, end, circumstances);
    if (worker.words) {
        obituary.last_words = worker.words->take(STDERR_FILENO);
        worker.words.reset();
    }
    const Duration lived = now - worker.started;
    const process::Life life = worth_of(mark, obituary, lived);
    const bool known_to_broker = !obituary.worker.is_zero();
    clear(mark);

    if (phase_ == Phase::running) {
        const Duration delay = worker.delay.after_death(life, lived);
        worker.start_at = now + delay;
        crash_loop_.died(now, life);
        page_.host().restarts[static_cast<std::size_t>(reason_of(obituary, circumstances))]++;
        telemetry::warning("process={} {} started_tasks={} peak_memory_mib={} restart_in_ms={}",
                           number, describe(obituary), obituary.started.size(),
                           obituary.peak_memory_bytes >> 20U,
                           std::chrono::duration_cast<std::chrono::milliseconds>(delay).count());
    }
    if (known_to_broker) {
        obituary.number = ++deaths_;
        reporter_.tell(std::move(obituary));
    }
}

void Supervisor::watch(TimePoint now) {
    oom_watch_.look(now);
    beat_watch_.look(now);
    for (std::size_t number = 0; number < workers_.size(); ++number) {
        Worker& worker = workers_[number];
        const std::uint64_t beats = page_.process(number).beats.load(std::memory_order_relaxed);
        if (worker.child && !worker.killed_as_stuck && beat_watch_.is_stuck(number, beats, now)) {
            telemetry::error("process={} has hung for {} s and is killed", number,
                             BeatWatch::stuck_after.count());
            worker.killed_as_stuck = true;
            static_cast<void>(worker.child->signal(SIGKILL));
        }
    }
}

// Process 0 is the canary.
void Supervisor::end_crash_loop(TimePoint now) {
    const Worker& canary = workers_.front();
    // Its life before the crash loop proves nothing.
    const TimePoint since = std::max(canary.started, degraded_since_);
    if (degraded_ && canary.child && lasts(page_.process(0), now - since)) {
        crash_loop_.recovered();
    }
}

void Supervisor::start_due(TimePoint now) {
    const bool degraded = crash_loop_.degraded(now);
    if (degraded != degraded_) {
        degraded_ = degraded;
        degraded_since_ = now;
        if (degraded) {
            telemetry::error(
                "processes keep dying before they do any work: only process 0 is "
                "started again, until it lasts");
        } else {
            telemetry::info("starting all processes again");
        }
    }
    for (std::size_t number = 0; number < workers_.size(); ++number) {
        const Worker& worker = workers_[number];
        if (!worker.child && now >= worker.start_at && (!degraded || number == 0)) {
            start(number, now);
        }
    }
}

void Supervisor::start(std::size_t number, TimePoint now) {
    Worker& worker = workers_[number];
    worker.started = now;
    worker.killed_as_stuck = false;
    beat_watch_.started(number, now);
    Result<process::Child> child = spawn_process(number);
    if (!child) {
        crash_loop_.died(now, process::Life::fruitless);
        worker.start_at =
            now + worker.delay.after_death(process::Life::fruitless, Duration::zero());
        telemetry::error("process={} does not start: {}", number, child.error().message);
        return;
    }
    page_.process(number).pid = static_cast<std::uint32_t>(child->pid());
    telemetry::debug("process={} pid={} started", number, child->pid());
    worker.child = std::move(*child);
}

Result<process::Child> Supervisor::spawn_process(std::size_t number) {
    Result<LastWords> words = LastWords::create();
    if (!words) {
        return tl::unexpected(words.error());
    }
    process::Command program = command(Role::process, number);
    program.descriptors.push_back({words->child_end(), STDERR_FILENO});
    // It cannot see the terminal behind the pipe.
    if (::isatty(STDERR_FILENO) != 0) {
        program.arguments.emplace_back("--log-colors");
    }
    Result<process::Child> child = process::spawn(program);
    words->close_child_end();
    workers_[number].words = *std::move(words);
    return child;
}

void Supervisor::signal_all(int number) {
    for (const Worker& worker : workers_) {
        if (worker.child) {
            static_cast<void>(worker.child->signal(number));
        }
    }
}

void Supervisor::kill_all() {
    forced_ = true;
    signal_all(SIGKILL);
}

void Supervisor::wait(process::SignalQueue& signals, TimePoint now) {
    TimePoint wake = now + watch_every;
    for (std::size_t number = 0; number < workers_.size(); ++number) {
        const bool starts =
            phase_ == Phase::running && !workers_[number].child && (!degraded_ || number == 0);
        wake = starts ? std::min(wake, workers_[number].start_at) : wake;
    }
    if (phase_ != Phase::running) {
        wake = std::min(wake, deadline_);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - now).count();
    // A negative descriptor is skipped by poll().
    std::vector<pollfd> watched{{signals.descriptor(), POLLIN, 0},
                                {reporter_.descriptor(), POLLIN, 0}};
    if (words_wait_) {
        watched.push_back({STDERR_FILENO, POLLOUT, 0});
    } else {
        for (const Worker& worker : workers_) {
            watched.push_back({worker.words ? worker.words->descriptor() : -1, POLLIN, 0});
        }
    }
    static_cast<void>(poll(watched.data(), watched.size(), static_cast<int>(std::max(left, 0L))));
}

void Supervisor::finish(process::SignalQueue& signals) {
    const TimePoint end = Instant::read().steady + last_words_within;
    for (TimePoint now = Instant::read().steady; now < end && !reporter_.all_noted();
         now = Instant::read().steady) {
        deadline_ = end;
        reporter_.turn(now);
        if (!reporter_.all_noted()) {
            wait(signals, now);
            while (signals.next()) {
                // Being told to hurry changes nothing any more.
            }
        }
    }
    reporter_.stop(goodbye_within);
}

bool Supervisor::any_alive() const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [](const Worker& worker) { return worker.child.has_value(); });
}

}  // namespace penstock::worker
