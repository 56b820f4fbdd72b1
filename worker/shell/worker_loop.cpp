#include "worker/shell/worker_loop.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <sys/random.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "common/model/assert.hpp"
#include "common/telemetry/log.hpp"
#include "worker/shell/run_task.hpp"

namespace penstock::worker {
namespace {

// How often the progress of running attempts is collected.
constexpr auto progress_every = std::chrono::milliseconds(250);
// How soon to try again what ZeroMQ did not take; a restarted process must be back quickly.
constexpr auto retry_send_every = std::chrono::milliseconds(10);
// How long the last messages may take to leave.
constexpr auto goodbye_timeout = std::chrono::seconds(1);
// The same where the process must end with a handler still running: only time can be given then.
constexpr auto forced_goodbye_timeout = std::chrono::milliseconds(100);
// How often the loop turns when nothing happens, so that its beats tell an idle process from one
// that hangs (BeatWatch::stuck_after).
constexpr auto turn_every = std::chrono::seconds(1);
// Messages taken per turn, so that they starve neither results nor heartbeats.
constexpr int turn_max = 1'000;

std::string host_name() {
    std::array<char, 256> buffer{};
    return gethostname(buffer.data(), buffer.size() - 1) == 0 ? buffer.data() : "unknown";
}

template <typename Value>
Value random_value() {
    Value value{};
    PENSTOCK_ASSERT(getrandom(&value, sizeof value, 0) == static_cast<ssize_t>(sizeof value));
    return value;
}

const char* text_of(Stage stage) {
    switch (stage) {
        case Stage::joining: return "joining";
        case Stage::serving: return "serving";
        case Stage::draining: return "draining";
        case Stage::gone: return "gone";
    }
    return "";
}

// What the process tells the broker about itself.
SessionSettings session_settings(const Config& config, const Catalog& catalog) {
    SessionSettings settings;
    settings.worker.bytes = random_value<std::array<std::uint8_t, 16>>();
    settings.site = {host_name(), static_cast<std::uint32_t>(getpid()), config.process_number};
    settings.slots = {config.cpu_slots, config.wait_slots};
    for (const HandlerEntry& entry : catalog.entries()) {
        settings.types.push_back({std::string(entry.type), entry.slot_class});
    }
    settings.queues = config.queues;
    settings.labels = config.labels;
    const protocol::Limits limits;
    settings.batches = {limits.batch_max, protocol::inline_body_max_bytes,
                        protocol::batch_inline_max_bytes,
                        limits.message_max_bytes - limits.header_max_bytes};
    settings.seed = random_value<std::uint64_t>();
    return settings;
}

}  // namespace

WorkerLoop::WorkerLoop(const Config& config, const Catalog& catalog, transport::Context& context,
                       ProcessMark& mark)
    : WorkerLoop(config, session_settings(config, catalog), catalog, context, mark) {}

WorkerLoop::WorkerLoop(const Config& config, const SessionSettings& settings,
                       const Catalog& catalog, transport::Context& context, ProcessMark& mark)
    : config_(config),
      mark_(mark),
      session_(settings),
      memory_(config.shm_bytes.value_or(shm::default_ring_bytes()),
              shm::SessionMemory::Read::in_place),
      pool_(context, settings.slots, mark,
            [this, &catalog](const Work& work, Context& attempt) {
                return run_here(catalog, work, attempt);
            }),
      line_(context, config.broker, &memory_) {
    mark_.worker.set(settings.worker.bytes);
}

Result<Body> WorkerLoop::run_here(const Catalog& catalog, const Work& work,
                                  Context& attempt) const {
    // The broker holds the slot for as long as it believes in the lease. If it does not, what is
    // done here is refused anyway, and better not done with the bytes of another task.
    const auto is_void = [&] { return !memory_.is_current(work.body.payload.view()); };
    const auto refused = [] {
        return fail(ErrorCode::failed, "the payload is not there any more: the lease has ended");
    };
    if (is_void()) {
        return refused();
    }
    Result<Body> output = run_task(catalog, work, attempt);
    if (is_void()) {
        return refused();
    }
    if (output && memory_.may_share()) {
        output->payload = memory_.ring()->place(std::move(output->payload));
    }
    return output;
}

process::ExitCode WorkerLoop::run(process::SignalQueue& signals) {
    while (!leave_) {
        mark_.beats.fetch_add(1, std::memory_order_relaxed);
        const TimePoint now = Instant::read().steady;
        // Results first, so that hardly ever one that has just ended is taken for one that hangs.
        take_finished(now);
        take_messages(now);
        take_signals(signals, now);
        take_progress(now);
        memory_.keep_house(now);
        session_.tick(now);
        act(now);
        note_stage();
        if (!leave_) {
            wait(signals);
        }
    }
    return leave();
}

void WorkerLoop::take_signals(process::SignalQueue& signals, TimePoint now) {
    while (signals.next()) {
        if (session_.stage() == Stage::draining) {
            session_.leave();
        } else {
            session_.drain(now, config_.drain_timeout);
        }
    }
}

void WorkerLoop::take_messages(TimePoint now) {
    for (int i = 0; i < turn_max; ++i) {
        auto message = line_.receive(now);
        if (!message) {
            return;
        }
        session_.give_back(line_.take_unread());
        session_.receive(std::move(*message), now);
    }
}

void WorkerLoop::take_finished(TimePoint now) {
    for (Finished& ended : pool_.take_finished(now)) {
        session_.finished(ended.slot, std::move(ended.outcome), now);
    }
}

void WorkerLoop::take_progress(TimePoint now) {
    if (now >= next_progress_) {
        next_progress_ = now + progress_every;
        note_memory();
        session_.progressed(pool_.take_progress(), now);
    }
}

void WorkerLoop::note_memory() {
    const shm::Ring::Usage usage = memory_.ring()->usage();
    mark_.shm_used_bytes.store(usage.used_bytes, std::memory_order_relaxed);
    mark_.shm_bytes.store(usage.size_bytes, std::memory_order_relaxed);
}

void WorkerLoop::act(TimePoint now) {
    line_.flush();
    for (;;) {
        std::vector<Effect> effects = session_.take_effects(now);
        if (effects.empty()) {
            return;
        }
        for (Effect& effect : effects) {
            carry_out(effect, now);
        }
    }
}

void WorkerLoop::carry_out(Effect& effect, TimePoint now) {
    struct Act {
        WorkerLoop& loop;
        TimePoint now;

        void operator()(Connect&) const { loop.line_.connect(); }
        void operator()(Disconnect&) const { loop.line_.disconnect(); }
        void operator()(Send& send) const { loop.line_.send(std::move(send.message)); }
        void operator()(HandOver& batch) const { loop.pool_.hand_over(std::move(batch)); }
        void operator()(TakeBack& request) const {
            if (auto work = loop.pool_.take_back(request)) {
                loop.session_.taken_back(request.slot, std::move(*work), now);
            }
        }
        void operator()(Cancel& request) const { loop.pool_.cancel(request); }
        void operator()(Kill& kill) const { loop.end_by_force(kill.doomed, now); }
        void operator()(Complain& complaint) const {
            telemetry::warning("process={} {}: {}", loop.config_.process_number,
                               name(complaint.error.code), complaint.error.message);
        }
        void operator()(Leave& leave) const { loop.leave_ = std::move(leave); }
    };
    std::visit(Act{*this, now}, effect);
}

void WorkerLoop::end_by_force(std::vector<Doomed> doomed, TimePoint now) {
    // One that has not started yet, or has ended in this moment, did not use up its time.
    const auto runs = std::partition(doomed.begin(), doomed.end(), [this](const Doomed& entry) {
        const SlotMark& mark = mark_.slots.at(entry.slot);
        return !(mark.busy() && mark.started().lease == entry.lease);
    });
    for (auto entry = doomed.begin(); entry != runs; ++entry) {
        session_.spare(entry->slot, now);
    }
    doomed.erase(doomed.begin(), runs);
    if (doomed.empty()) {
        return;
    }
    for (const Doomed& entry : doomed) {
        mark_.slots.at(entry.slot).doom(entry.lease, entry.fate);
        telemetry::warning("process={} task={} ends this process: {}", config_.process_number,
                           to_text(entry.lease.task),
                           entry.fate == protocol::Fate::being_cancelled
                               ? "it was told to stop and did not"
                               : "it is over its time limit");
    }
    // Nothing less stops a handler for certain, and nothing may run in between.
    kill(getpid(), SIGKILL);
    for (;;) {
        pause();
    }
}

void WorkerLoop::note_stage() {
    const Stage stage = session_.stage();
    mark_.stage.store(static_cast<std::uint32_t>(stage), std::memory_order_release);
    if (stage != stage_) {
        stage_ = stage;
        telemetry::debug("process={} stage={} epoch={}", config_.process_number, text_of(stage),
                         session_.epoch().value);
    }
}

void WorkerLoop::wait(process::SignalQueue& signals) {
    poller_.clear();
    static_cast<void>(poller_.watch(pool_.finished()));
    static_cast<void>(poller_.watch(signals.descriptor()));
    line_.watch(poller_);
    TimePoint wake = std::min(session_.next_tick(), pool_.next_look());
    const std::size_t outstanding = pool_.outstanding();
    if (outstanding > 0) {
        wake = std::min(wake, next_progress_);
    }
    const TimePoint now = Instant::read().steady;
    wake = std::min(wake, now + (line_.behind() ? Duration(retry_send_every) : turn_every));
    const Duration left = std::max(Duration::zero(), wake - now);
    // Somebody waits for a single end; of many each could come at once, and the core is better
    // used by who runs them.
    if (outstanding > 1) {
        poller_.sleep(left);
    } else {
        poller_.wait(left);
    }
}

process::ExitCode WorkerLoop::leave() {
    line_.close(goodbye_timeout);
    const process::ExitCode code =
        leave_->error ? process::ExitCode::unavailable : process::ExitCode::ok;
    if (leave_->error) {
        telemetry::error("process={} cannot work for {}: {}", config_.process_number,
                         config_.broker.text, leave_->error->message);
    }
    if (!pool_.stop()) {
        // Threads that run handlers cannot be ended. The page says "gone", so nobody is suspected
        // of having ended this process.
        telemetry::info("process={} leaves while a task still runs", config_.process_number);
        std::this_thread::sleep_for(forced_goodbye_timeout);
        std::_Exit(static_cast<int>(code));
    }
    return code;
}

}  // namespace penstock::worker
