#include "bench/system/proxy_side.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>
#include <zmq.hpp>

#include "bench/system/answers.hpp"

namespace penstock::bench {
namespace {

// So many answers are taken before new messages make up for them.
constexpr std::size_t receive_turn_max = 64;

ByteView view_of(const zmq::message_t& message) {
    return {static_cast<const std::byte*>(message.data()), message.size()};
}

// A body that is cut short counts as wrong.
void take_all(ByteView bodies, Answers& answers) {
    for (; !bodies.empty(); bodies = bodies.subspan(std::min(body_bytes, bodies.size()))) {
        answers.take(bodies.first(std::min(body_bytes, bodies.size())));
    }
}

Result<std::vector<process::Child>> start_children(const Folder& folder) {
    const std::string backend = folder.endpoint("proxy-backend.sock");
    std::vector<std::vector<std::string>> roles{
        {"--role", "proxy", folder.endpoint("proxy-frontend.sock"), backend}};
    for (unsigned number = 0; number < worker_processes; ++number) {
        roles.push_back({"--role", "echo", backend, std::to_string(number)});
    }
    std::vector<process::Child> children;
    for (std::vector<std::string>& role : roles) {
        Result<process::Child> child = process::spawn({process::this_program, std::move(role), {}});
        if (!child) {
            return tl::unexpected(child.error());
        }
        children.push_back(std::move(*child));
    }
    return children;
}

}  // namespace

struct ProxySide::Line {
    explicit Line(const std::string& endpoint) : socket(context, zmq::socket_type::dealer) {
        socket.set(zmq::sockopt::sndhwm, 0);
        socket.set(zmq::sockopt::rcvhwm, 0);
        socket.set(zmq::sockopt::linger, 0);
        const auto patience_ms = std::chrono::milliseconds(patience).count();
        socket.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience_ms));
        socket.connect(endpoint);
    }

    // With the stamps from this one on.
    void send(Stamp stamp, std::size_t bodies = 1) {
        zmq::message_t message(bodies * body_bytes);
        for (std::size_t n = 0; n < bodies; ++n, ++stamp.sequence) {
            const StampedBody body = stamped_body(stamp);
            std::memcpy(message.data<std::byte>() + n * body_bytes, body.data(), body_bytes);
        }
        socket.send(std::move(message), zmq::send_flags::none);
    }

    zmq::context_t context;
    zmq::socket_t socket;
};

Result<std::unique_ptr<ProxySide>> ProxySide::start(const Folder& folder) {
    Result<std::vector<process::Child>> children = start_children(folder);
    if (!children) {
        return tl::unexpected(children.error());
    }
    auto line = std::make_unique<Line>(folder.endpoint("proxy-frontend.sock"));
    std::unique_ptr<ProxySide> side(new ProxySide(std::move(*children), std::move(line)));
    return side->wait_for_echoes().map([&] { return std::move(side); });
}

ProxySide::ProxySide(std::vector<process::Child> children, std::unique_ptr<Line> line)
    : children_(std::move(children)), line_(std::move(line)) {}
ProxySide::~ProxySide() = default;

// The proxy hands out in turn, so two neighbouring answers show both processes once both are there.
Result<void> ProxySide::wait_for_echoes() {
    const TimePoint deadline = steady_now() + patience;
    std::set<std::string> seen;
    while (steady_now() < deadline) {
        line_->socket.send(zmq::message_t(), zmq::send_flags::none);
        zmq::message_t number;
        if (!line_->socket.recv(number)) {
            break;
        }
        seen.insert(number.to_string());
        if (seen.size() == worker_processes) {
            return {};
        }
    }
    return fail(ErrorCode::unavailable, "the processes behind the plain proxy do not answer");
}

Measured ProxySide::echo(const Load& load, std::size_t per_message) {
    const auto bodies = static_cast<std::uint32_t>(per_message);
    const std::uint32_t number = runs_++;
    Answers answers(number);
    std::uint32_t sent = 0;
    std::uint32_t received = 0;
    const TimePoint start = steady_now();
    for (;;) {
        if (steady_now() - start < load.duration) {
            for (; sent - received + bodies <= load.window; sent += bodies) {
                line_->send({number, sent}, bodies);
            }
        }
        zmq::message_t message;
        // The first may be waited for, the others have to be there.
        if (sent == received || !line_->socket.recv(message)) {
            break;
        }
        std::size_t taken = 0;
        do {
            take_all(view_of(message), answers);
            received += bodies;
            taken += bodies;
        } while (taken < receive_turn_max && received < sent &&
                 line_->socket.recv(message, zmq::recv_flags::dontwait));
    }
    return {.answers = answers.right(),
            .faults = answers.faults(sent),
            .elapsed = steady_now() - start,
            .latencies_us = {}};
}

Measured ProxySide::round_trips(Duration duration) {
    const std::uint32_t number = runs_++;
    Answers answers(number);
    Measured measured;
    std::uint32_t sent = 0;
    const TimePoint start = steady_now();
    while (steady_now() - start < duration) {
        const TimePoint begin = steady_now();
        line_->send({number, sent++});
        zmq::message_t body;
        if (!line_->socket.recv(body)) {
            break;
        }
        measured.latencies_us.push_back(microseconds_since(begin));
        answers.take(view_of(body));
    }
    measured.elapsed = steady_now() - start;
    measured.answers = answers.right();
    measured.faults = answers.faults(sent);
    return measured;
}

}  // namespace penstock::bench
