#include "common/transport/socket.hpp"

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "common/model/assert.hpp"
#include "common/transport/implementations.hpp"
#include "common/transport/ipc_path.hpp"
#include "common/transport/parts.hpp"

namespace penstock::transport {
namespace {

using std::chrono::milliseconds;

// Time to finish a connection's handshake, after which a silent stranger is cut off.
constexpr milliseconds handshake_max{3'000};
// Connections that the kernel may hold ready: all workers of a cluster come back at once.
constexpr int backlog = 4'096;
// Finds dead machines; that a process hangs is found by the protocol's own signs of life. ZeroMQ's
// heartbeats stay off: with libzmq 4.3.4 they abort a process whose peer goes away while it has
// much unread (libzmq issue 4364).
constexpr int keepalive_idle_s = 10;
constexpr int keepalive_interval_s = 5;
constexpr int keepalive_count = 3;
constexpr milliseconds unacknowledged_max{10'000};
// A lost connection is tried again after the first of these, up to the second, doubling. Well below
// what a client waits for a broker, so that one that comes back in time is seen in time.
constexpr milliseconds reconnect_min{250};
constexpr milliseconds reconnect_max{1'000};

int number(milliseconds time) {
    return static_cast<int>(time.count());
}

// Spread, so that the processes of a machine do not all come back in the same millisecond.
int reconnect_interval() {
    const int offset = std::rand() % number(reconnect_min);  // NOLINT(concurrency-mt-unsafe)
    return number(reconnect_min) + offset;
}

void set_options(zmq::socket_t& socket, const SocketLimits& limits) {
    PENSTOCK_ASSERT(limits.frame_max_bytes > 0);
    PENSTOCK_ASSERT(limits.send_queue_max > 0 && limits.receive_queue_max > 0);
    PENSTOCK_ASSERT(limits.frames_max > 0);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, limits.send_queue_max);
    socket.set(zmq::sockopt::rcvhwm, limits.receive_queue_max);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits.frame_max_bytes));
    socket.set(zmq::sockopt::handshake_ivl, number(handshake_max));
    socket.set(zmq::sockopt::backlog, backlog);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, keepalive_idle_s);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, keepalive_interval_s);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, keepalive_count);
    socket.set(zmq::sockopt::tcp_maxrt, number(unacknowledged_max));
    socket.set(zmq::sockopt::reconnect_ivl, reconnect_interval());
    socket.set(zmq::sockopt::reconnect_ivl_max, number(reconnect_max));
    // Queue nothing for a connection that is not up: what was sent there would be lost with it.
    socket.set(zmq::sockopt::immediate, true);
}

// Only for addresses that are of that family: with it, "localhost" would be looked for at ::1, and
// "*" would listen where nobody asked for it.
void set_family(zmq::socket_t& socket, const Endpoint& endpoint) {
    socket.set(zmq::sockopt::ipv6, endpoint.text.starts_with("tcp://["));
}

}  // namespace

Router::Router(Context& context, const SocketLimits& limits)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::router),
                     limits.frames_max}) {
    set_options(impl_->socket, limits);
    // Tells about peers that are gone, instead of dropping what is sent to them.
    impl_->socket.set(zmq::sockopt::router_mandatory, true);
    // Nobody takes over the routing id, and so the tasks, of another.
    impl_->socket.set(zmq::sockopt::router_handover, false);
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

Result<std::string> Router::bind(const Endpoint& endpoint) {
    if (Result<void> path = check_ipc_path(endpoint); !path) {
        return tl::unexpected<Error>(std::move(path.error()));
    }
    set_family(impl_->socket, endpoint);
    if (zmq_bind(impl_->socket.handle(), endpoint.text.c_str()) != 0) {
        const int code = zmq_errno();
        const char* advice = code == EADDRINUSE
                                 ? "; stop the process that listens there, or choose another"
                                 : "; choose an address of this machine that you may listen on";
        return fail(ErrorCode::unavailable,
                    "cannot listen on " + endpoint.text + ": " + zmq_strerror(code) + advice);
    }
    return impl_->socket.get(zmq::sockopt::last_endpoint);
}

bool Router::receive(Incoming& message) {
    zmq::message_t routing_id;
    if (!receive_part(impl_->socket, routing_id)) {
        return false;
    }
    message.peer.assign(static_cast<const char*>(routing_id.data()), routing_id.size());
    message.frames.clear();
    receive_frames(impl_->socket, routing_id.more(), impl_->frames_max, message.frames);
    return true;
}

SendStatus Router::send(const PeerKey& peer, std::span<const SharedBytes> frames) {
    PENSTOCK_ASSERT(!frames.empty());
    // ZeroMQ decides about peer and room when it takes the routing id. From there on it takes every
    // part; should the peer go in between, it drops the whole message. So none arrives in part.
    zmq::message_t routing_id(peer.data(), peer.size());
    const SendStatus status = send_part(impl_->socket, routing_id, ZMQ_SNDMORE);
    return status == SendStatus::sent ? send_frames(impl_->socket, frames) : status;
}

Dealer::Dealer(Context& context, const Endpoint& endpoint, const SocketLimits& limits)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::dealer),
                     limits.frames_max}) {
    set_options(impl_->socket, limits);
    set_family(impl_->socket, endpoint);
    impl_->socket.connect(endpoint.text);
}
Dealer::~Dealer() = default;
Dealer::Dealer(Dealer&&) noexcept = default;
Dealer& Dealer::operator=(Dealer&&) noexcept = default;

bool Dealer::receive(Frames& frames) {
    frames.clear();
    zmq::message_t header;
    if (!receive_part(impl_->socket, header)) {
        return false;
    }
    const bool more = header.more();
    frames.push_back(share_received(std::move(header)));
    receive_frames(impl_->socket, more, impl_->frames_max, frames);
    return true;
}

SendStatus Dealer::send(std::span<const SharedBytes> frames) {
    PENSTOCK_ASSERT(!frames.empty());
    return send_frames(impl_->socket, frames);
}

void Dealer::close(milliseconds timeout) {
    PENSTOCK_ASSERT(timeout >= milliseconds::zero());
    impl_->socket.set(zmq::sockopt::linger, number(timeout));
    impl_->socket.close();
}

}  // namespace penstock::transport
