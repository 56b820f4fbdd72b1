#include "worker/shell/death.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <sstream>
#include <utility>

#include "common/process/host_files.hpp"
#include "worker/core/session.hpp"

namespace penstock::worker {
namespace {

// Between the kernel's count and our finding the dead process.
constexpr Duration explains_for = std::chrono::seconds(2);

// The number behind "oom_kill" in memory.events (v2) or memory.oom_control (v1).
std::uint64_t oom_kills_in(const std::filesystem::path& file) {
    std::istringstream text(process::read_host_file(file).value_or(""));
    std::string key;
    std::uint64_t value = 0;
    while (text >> key >> value) {
        if (key == "oom_kill") {
            return value;
        }
    }
    return 0;
}

}  // namespace

OomWatch::OomWatch(const std::filesystem::path& root) : root_(root), seen_(count()) {}

void OomWatch::look(TimePoint now) {
    const std::uint64_t before = std::exchange(seen_, count());
    if (now - noted_at_ >= explains_for) {
        unexplained_ = 0;
    }
    if (seen_ > before) {
        unexplained_ += seen_ - before;
        noted_at_ = now;
    }
}

bool OomWatch::explains_death(TimePoint now) {
    look(now);
    if (unexplained_ == 0) {
        return false;
    }
    --unexplained_;
    return true;
}

std::uint64_t OomWatch::count() const {
    std::uint64_t kills = 0;
    for (const process::ControlGroup& group : process::control_groups(root_, "memory")) {
        // A kill is counted in the victim's own group, whichever group's limit was hit; the groups
        // above also count the deaths of strangers.
        const char* file = group.version == 2 ? "memory.events" : "memory.oom_control";
        kills += group.folders.empty() ? 0 : oom_kills_in(group.folders.front() / file);
    }
    return kills;
}

protocol::Obituary obituary_of(const ProcessMark& mark, const process::ChildEnd& end,
                               const Circumstances& circumstances) {
    protocol::Obituary obituary;
    obituary.worker.bytes = mark.worker.get();
    obituary.cause = end.signalled ? protocol::DeathCause::signalled : protocol::DeathCause::exited;
    if (end.signalled && end.code == SIGKILL && circumstances.out_of_memory &&
        !circumstances.killed_as_stuck) {
        obituary.cause = protocol::DeathCause::out_of_memory;
    }
    obituary.code = static_cast<std::uint32_t>(end.code);
    obituary.peak_memory_bytes = end.peak_memory_bytes;
    obituary.cpu = end.cpu;
    if (static_cast<Stage>(mark.stage.load()) != Stage::gone) {
        obituary.started = started_leases(mark);
    }
    if (!obituary.started.empty()) {
        obituary.epoch = obituary.started.front().lease.epoch;
    }
    return obituary;
}

EndReason reason_of(const protocol::Obituary& obituary, const Circumstances& circumstances) {
    if (circumstances.killed_as_stuck) {
        return EndReason::stuck;
    }
    const bool over_time =
        std::any_of(obituary.started.begin(), obituary.started.end(),
                    [](const auto& started) { return started.fate != protocol::Fate::running; });
    switch (obituary.cause) {
        case protocol::DeathCause::exited: return EndReason::exited;
        case protocol::DeathCause::signalled:
            return over_time ? EndReason::time_limit : EndReason::signalled;
        case protocol::DeathCause::out_of_memory: return EndReason::out_of_memory;
    }
    return EndReason::exited;
}

std::string describe(const protocol::Obituary& obituary) {
    switch (obituary.cause) {
        case protocol::DeathCause::exited:
            return "exited with status " + std::to_string(obituary.code);
        case protocol::DeathCause::signalled: {
            const char* signal = sigdescr_np(static_cast<int>(obituary.code));
            return "killed by signal " + std::to_string(obituary.code) + " (" +
                   (signal == nullptr ? "unknown" : signal) + ")";
        }
        case protocol::DeathCause::out_of_memory: return "killed for lack of memory";
    }
    return "";
}

}  // namespace penstock::worker
