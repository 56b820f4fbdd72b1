#include "common/transport/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/model/assert.hpp"
#include "common/transport/thread_marks.hpp"
#include "common/transport/zmq_parts.hpp"

namespace penstock::transport {
namespace {

// Below this a copy is cheaper than a shared frame's bookkeeping.
constexpr std::size_t copy_below_bytes = std::size_t{16} << 10U;
constexpr std::size_t copy_received_below_bytes = 512;

// The reconnect interval of one process differs from its neighbours', so that they do not all come
// back in the same millisecond.
int reconnect_interval_ms() {
    return 100 + std::rand() % 100;  // NOLINT(concurrency-mt-unsafe): spread, not secrecy
}

void set_common_options(zmq::socket_t& socket, const SocketLimits& limits) {
    PENSTOCK_ASSERT(limits.frame_max_bytes > 0);
    PENSTOCK_ASSERT(limits.queue_max > 0);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, limits.queue_max);
    socket.set(zmq::sockopt::rcvhwm, limits.queue_max);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<int64_t>(limits.frame_max_bytes));
    socket.set(zmq::sockopt::handshake_ivl, 3'000);
    socket.set(zmq::sockopt::backlog, 4'096);
    socket.set(zmq::sockopt::heartbeat_ivl, 2'000);
    socket.set(zmq::sockopt::heartbeat_timeout, 6'000);
    socket.set(zmq::sockopt::heartbeat_ttl, 6'000);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_maxrt, 10'000);
    socket.set(zmq::sockopt::reconnect_ivl, reconnect_interval_ms());
    socket.set(zmq::sockopt::reconnect_ivl_max, 2'000);
}

// Runs on libzmq's I/O thread when the frame has left.
void drop_share(void* /*data*/, void* hint) {
    mark_acquired(hint);
    delete static_cast<SharedBytes*>(hint);  // NOLINT(cppcoreguidelines-owning-memory)
}

zmq::message_t to_zmq(const SharedBytes& frame) {
    if (frame.size() < copy_below_bytes) {
        return {frame.view().data(), frame.size()};
    }
    // libzmq never writes into a message that it sends.
    auto share = std::make_unique<SharedBytes>(frame);
    auto* data = const_cast<std::byte*>(frame.view().data());
    mark_released(share.get());
    zmq::message_t message(data, frame.size(), drop_share, share.get());
    static_cast<void>(share.release());
    return message;
}

SharedBytes from_zmq(zmq::message_t&& message) {
    const ByteView view(static_cast<const std::byte*>(message.data()), message.size());
    if (view.size() <= copy_received_below_bytes) {
        return SharedBytes::copy_of(view);
    }
    auto owner = std::make_shared<zmq::message_t>(std::move(message));
    // Small messages live inside the object, so the address is asked for after the move.
    const ByteView kept(static_cast<const std::byte*>(owner->data()), owner->size());
    return {std::move(owner), kept};
}

// Receives one part; false when nothing waits. A signal is no reason to stop.
bool receive_part(zmq::socket_t& socket, zmq::message_t& part) {
    while (true) {
        try {
            return socket.recv(part, zmq::recv_flags::dontwait).has_value();
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR) {
                throw;
            }
        }
    }
}

// Reads the parts that follow the first one. Once the first part is there, the others are too:
// ZeroMQ delivers a message whole. Too many parts: reads them all and returns false.
bool receive_rest(zmq::socket_t& socket, zmq::message_t first, std::size_t frames_max,
                  Frames& frames) {
    bool more = first.more();
    frames.push_back(from_zmq(std::move(first)));
    bool fits = true;
    while (more) {
        zmq::message_t part;
        PENSTOCK_ASSERT(receive_part(socket, part));
        more = part.more();
        fits = fits && frames.size() < frames_max;
        if (fits) {
            frames.push_back(from_zmq(std::move(part)));
        }
    }
    return fits;
}

// Sends one part without waiting.
SendStatus send_part(zmq::socket_t& socket, zmq::message_t part, bool more) {
    const auto flags =
        more ? zmq::send_flags::dontwait | zmq::send_flags::sndmore : zmq::send_flags::dontwait;
    while (true) {
        try {
            return socket.send(part, flags).has_value() ? SendStatus::sent : SendStatus::full;
        } catch (const zmq::error_t& error) {
            if (error.num() == EHOSTUNREACH) {
                return SendStatus::peer_gone;
            }
            if (error.num() != EINTR) {
                throw;
            }
        }
    }
}

// A message is never sent in part: ZeroMQ decides about room and peer at its first part, and either
// takes the others too or, when the peer goes in between, drops the whole.
SendStatus send_parts(zmq::socket_t& socket, std::span<const SharedBytes> frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const SendStatus status = send_part(socket, to_zmq(frames[i]), i + 1 < frames.size());
        if (status != SendStatus::sent) {
            return status;
        }
    }
    return SendStatus::sent;
}

}  // namespace

Router::Router(Context& context, const SocketLimits& limits)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::router),
                     limits.frames_max}) {
    set_common_options(impl_->socket, limits);
    impl_->socket.set(zmq::sockopt::router_mandatory, true);
    impl_->socket.set(zmq::sockopt::router_handover, false);
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

Result<std::string> Router::bind(const Endpoint& endpoint) {
    try {
        impl_->socket.bind(endpoint.text);
        return impl_->socket.get(zmq::sockopt::last_endpoint);
    } catch (const zmq::error_t& error) {
        return fail(ErrorCode::unavailable, "cannot listen on " + endpoint.text + ": " +
                                                error.what() +
                                                "; is another broker running there?");
    }
}

bool Router::receive(Incoming& message) {
    while (true) {
        zmq::message_t part;
        if (!receive_part(impl_->socket, part)) {
            return false;
        }
        message.peer = part.to_string();
        message.frames.clear();
        if (!part.more()) {
            return true;  // no header frame: malformed, and the codec says so
        }
        zmq::message_t first;
        PENSTOCK_ASSERT(receive_part(impl_->socket, first));
        if (receive_rest(impl_->socket, std::move(first), impl_->frames_max, message.frames)) {
            return true;
        }
    }
}

SendStatus Router::send(const PeerKey& peer, std::span<const SharedBytes> frames) {
    PENSTOCK_ASSERT(!frames.empty());
    const SendStatus status =
        send_part(impl_->socket, zmq::message_t(peer.data(), peer.size()), true);
    return status == SendStatus::sent ? send_parts(impl_->socket, frames) : status;
}

Dealer::Dealer(Context& context, const Endpoint& endpoint, const SocketLimits& limits)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::dealer),
                     limits.frames_max}) {
    set_common_options(impl_->socket, limits);
    // Queue nothing for a connection that may never come up.
    impl_->socket.set(zmq::sockopt::immediate, true);
    impl_->socket.connect(endpoint.text);
}
Dealer::~Dealer() = default;
Dealer::Dealer(Dealer&&) noexcept = default;
Dealer& Dealer::operator=(Dealer&&) noexcept = default;

bool Dealer::receive(Frames& frames) {
    while (true) {
        zmq::message_t first;
        if (!receive_part(impl_->socket, first)) {
            return false;
        }
        frames.clear();
        if (receive_rest(impl_->socket, std::move(first), impl_->frames_max, frames)) {
            return true;
        }
    }
}

SendStatus Dealer::send(std::span<const SharedBytes> frames) {
    PENSTOCK_ASSERT(!frames.empty());
    return send_parts(impl_->socket, frames);
}

void Dealer::close(std::chrono::milliseconds timeout) {
    impl_->socket.set(zmq::sockopt::linger, static_cast<int>(timeout.count()));
    impl_->socket.close();
}

}  // namespace penstock::transport
