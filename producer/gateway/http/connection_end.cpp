// How a request ends that the library would not end: too slow, hung up, given up in its middle.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

#include "producer/gateway/http/connection.hpp"

namespace penstock::gateway::http {
namespace {

Reply too_slow(const char* what) {
    return problem_reply({408, "too_slow", what});
}

bool has_received_anything(int socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           info.tcpi_bytes_received > 0;
}

bool has_unread_bytes(int socket) {
    int count = 0;
    return ::ioctl(socket, FIONREAD, &count) == 0 && count > 0;
}

// Whether the other side has closed, at least its half.
bool has_hung_up(int socket) {
    pollfd state{socket, POLLRDHUP, 0};
    return ::poll(&state, 1, 0) > 0;
}

}  // namespace

Duration Connection::time_for(std::uint64_t bytes) const {
    return limits_.body_timeout + std::chrono::seconds(bytes / body_rate_min);
}

// The library only reads at this moment, and is not told: it finds out that the caller's next bytes
// go nowhere, or that the connection is cut. Should the socket be full, the caller has not read
// for so long that it will not miss this either.
void Connection::refuse(const Reply& reply, TimePoint now) {
    const std::string text = last_words(reply);
    static_cast<void>(::send(socket_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    static_cast<void>(::shutdown(socket_, SHUT_WR));
    if (exchange_) {
        note(reply);
    }
    phase_ = Phase::refused;
    deadline_ = now + refused_time_max;
}

void Connection::refuse_incomplete(TimePoint now) {
    refuse(problem_reply({400, "incomplete_request", "the request ended before it was complete"}),
           now);
}

void Connection::cut() {
    static_cast<void>(::shutdown(socket_, SHUT_RDWR));
}

bool Connection::is_behind(TimePoint now) const {
    return now - body_began_ > time_for(exchange_->access.received_bytes);
}

// The library does not notice that a request will never be complete (seen in 0.9.75). Twice,
// because between two looks it has handed over what it had read.
bool Connection::has_ended_early() {
    const std::uint64_t received = exchange_ ? exchange_->access.received_bytes : 0;
    const bool ended = has_hung_up(socket_) && !has_unread_bytes(socket_) &&
                       received == std::exchange(received_before_, received);
    looks_at_end_ = ended ? looks_at_end_ + 1 : 0;
    return looks_at_end_ > 2;
}

void Connection::look_at_request(TimePoint now) {
    const bool ended = has_ended_early();
    const bool late = phase_ == Phase::body ? is_behind(now) : now >= deadline_;
    if (!ended && !late) {
        return;
    }
    if (phase_ == Phase::idle && !(first_ && has_received_anything(socket_))) {
        cut();
        return;
    }
    if (ended) {
        refuse_incomplete(now);
        return;
    }
    refuse(
        too_slow(phase_ == Phase::body ? "the body comes too slowly" : "the headers took too long"),
        now);
}

void Connection::tick(TimePoint now) {
    std::shared_ptr<Visit> late;
    {
        const std::lock_guard lock(mutex_);
        switch (phase_) {
            case Phase::idle:
            case Phase::head:
            case Phase::body: look_at_request(now); break;
            case Phase::waiting:
                if (now >= deadline_) {
                    deadline_ = TimePoint::max();
                    late = exchange_->visit;
                }
                break;
            case Phase::replying:
            case Phase::refused:
                if (now >= deadline_) {
                    cut();
                }
                break;
            case Phase::finishing:
            case Phase::closed: break;
        }
    }
    if (!late) {
        return;
    }
    if (const std::optional<TimePoint> more = late->run_late()) {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::waiting && exchange_->visit == late) {
            deadline_ = *more;
        }
    }
}

void Connection::hung_up() {
    std::shared_ptr<Visit> visit;
    {
        const std::lock_guard lock(mutex_);
        if (phase_ != Phase::waiting || !has_hung_up(socket_)) {
            return;
        }
        gone_ = true;
        visit = std::exchange(exchange_->visit, nullptr);
        resume();
    }
    visit->abandon();
}

}  // namespace penstock::gateway::http
