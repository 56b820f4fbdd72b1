#include "producer/cli/household.hpp"

#include <algorithm>
#include <poll.h>
#include <signal.h>
#include <utility>

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

TimePoint now() {
    return Instant::read().steady;
}

}  // namespace

void Household::add(process::Command command, milliseconds stop_timeout) {
    members_.push_back({Service(std::move(command), output_), stop_timeout});
}

int Household::run() {
    while (true) {
        tend();
        if (stop_asked_ || refusal()) {
            break;
        }
        wait(earliest_start());
    }
    for (Member& member : members_) {
        stop(member);
    }
    return refusal().value_or(exit_status(ExitCode::ok));
}

void Household::tend() {
    // The last to be stopped is the first to be started: the others need it.
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
        member->service.tend(now());
    }
}

std::optional<int> Household::refusal() const {
    for (const Member& member : members_) {
        if (member.service.refusal()) {
            return member.service.refusal();
        }
    }
    return std::nullopt;
}

std::optional<TimePoint> Household::earliest_start() const {
    std::optional<TimePoint> earliest;
    for (const Member& member : members_) {
        const auto start = member.service.next_start();
        earliest = start && (!earliest || *start < *earliest) ? start : earliest;
    }
    return earliest;
}

void Household::stop(Member& member) {
    Service& service = member.service;
    service.stop(SIGTERM);
    const TimePoint deadline = now() + member.stop_timeout;
    while (service.is_running()) {
        if (now() >= deadline || hurry_) {
            service.stop(SIGKILL);
        }
        wait(hurry_ ? now() + milliseconds(10)
                    : std::min(deadline, earliest_start().value_or(deadline)));
        // All: a broker that dies while tasks finish is needed for their results.
        tend();
    }
}

void Household::wait(std::optional<TimePoint> until) {
    std::vector<pollfd> watched{{signals_.descriptor(), POLLIN, 0}};
    for (const Member& member : members_) {
        watched.push_back({member.service.descriptor(), POLLIN, 0});
    }
    int timeout_ms = -1;
    if (until) {
        const auto rest = std::chrono::ceil<milliseconds>(*until - now());
        timeout_ms = static_cast<int>(std::max(rest, milliseconds::zero()).count());
    }
    static_cast<void>(::poll(watched.data(), watched.size(), timeout_ms));
    while (signals_.next()) {
        hurry_ = stop_asked_;
        stop_asked_ = true;
    }
}

}  // namespace penstock::cli
