#include "worker/shell/reporter_link.hpp"

#include <array>
#include <csignal>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "common/protocol/codec.hpp"
#include "common/telemetry/log.hpp"
#include "worker/shell/config.hpp"

namespace penstock::worker {

ReporterLink::ReporterLink(process::Command command) : command_(std::move(command)) {}

ReporterLink::~ReporterLink() {
    close_socket();
}

void ReporterLink::tell(protocol::Obituary obituary) {
    obituaries_.add(std::move(obituary));
    send_untold();
}

void ReporterLink::turn(TimePoint now) {
    if (child_) {
        bury(now);
    }
    if (!child_ && now >= start_at_) {
        start(now);
    }
    take_noted();
    send_untold();
}

std::optional<pid_t> ReporterLink::pid() const {
    return child_ ? std::optional(child_->pid()) : std::nullopt;
}

void ReporterLink::start(TimePoint now) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
        start_at_ = now + delay_.after_death(process::Life::fruitless, Duration::zero());
        return;
    }
    process::Command command = command_;
    command.descriptors.push_back({ends[1], reporter_descriptor});
    Result<process::Child> child = process::spawn(command);
    close(ends[1]);
    socket_ = ends[0];
    if (!child) {
        close_socket();
        start_at_ = now + delay_.after_death(process::Life::fruitless, Duration::zero());
        telemetry::error("the reporter does not start: {}", child.error().message);
        return;
    }
    child_ = std::move(*child);
    started_ = now;
    // A new reporter knows nothing.
    obituaries_.tell_all_again();
}

void ReporterLink::bury(TimePoint now) {
    const auto end = child_->reap();
    if (!end) {
        return;
    }
    take_noted();
    close_socket();
    child_.reset();
    start_at_ = now + delay_.after_death(process::Life::fruitless, now - started_);
    telemetry::warning("the reporter ended ({} {}) and is started again",
                       end->signalled ? "signal" : "status", end->code);
}

// A datagram is the very header frame that the broker gets: nothing to invent, nothing to check
// twice.
void ReporterLink::send_untold() {
    while (socket_ >= 0) {
        const protocol::Obituary* obituary = obituaries_.next_untold();
        if (obituary == nullptr) {
            return;
        }
        const protocol::Frames frames = protocol::encode(*obituary);
        const ByteView bytes = frames.front().view();
        if (send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
            return;  // full, or gone: the next turn knows
        }
        obituaries_.told();
    }
}

void ReporterLink::take_noted() {
    std::array<std::byte, 512> buffer{};
    while (socket_ >= 0) {
        const ssize_t length = recv(socket_, buffer.data(), buffer.size(), 0);
        if (length <= 0) {
            return;
        }
        const std::array frames{
            SharedBytes::copy_of(ByteView(buffer.data(), static_cast<std::size_t>(length)))};
        const Result<protocol::Message> message = protocol::decode(frames, protocol::Limits{});
        if (message && std::holds_alternative<protocol::Noted>(*message)) {
            obituaries_.noted(std::get<protocol::Noted>(*message).number);
        }
    }
}

void ReporterLink::stop(std::chrono::milliseconds timeout) {
    if (child_ && child_->signal(SIGTERM)) {
        pollfd ended{child_->descriptor(), POLLIN, 0};
        static_cast<void>(poll(&ended, 1, static_cast<int>(timeout.count())));
    }
    child_.reset();
    close_socket();
}

void ReporterLink::close_socket() {
    if (socket_ >= 0) {
        close(socket_);
        socket_ = -1;
    }
}

}  // namespace penstock::worker
