#include "common/transport/parts.hpp"

#include <cerrno>
#include <memory>
#include <utility>

#include "common/model/assert.hpp"
#include "common/transport/thread_marks.hpp"

namespace penstock::transport {
namespace {

// From here on sharing a frame with the I/O thread is cheaper than copying it.
constexpr std::size_t send_shared_min_bytes = std::size_t{16} << 10U;
// Up to here copying a received frame is cheaper than keeping ZeroMQ's, which may hold on to a
// whole receive buffer of 8 KiB.
constexpr std::size_t receive_copied_max_bytes = 512;

// Runs on libzmq's I/O thread when the frame has left, or will never leave.
void drop_share(void* /*data*/, void* share) {
    mark_acquired(share);
    delete static_cast<SharedBytes*>(share);  // NOLINT(cppcoreguidelines-owning-memory)
}

zmq::message_t part_of(const SharedBytes& frame) {
    if (frame.size() < send_shared_min_bytes) {
        return {frame.view().data(), frame.size()};
    }
    // libzmq never writes into a message that it sends.
    auto* data = const_cast<std::byte*>(frame.view().data());
    auto share = std::make_unique<SharedBytes>(frame);
    mark_released(share.get());
    return {data, frame.size(), drop_share, share.release()};
}

}  // namespace

bool receive_part(zmq::socket_t& socket, zmq::message_t& part) {
    while (zmq_msg_recv(part.handle(), socket.handle(), ZMQ_DONTWAIT) < 0) {
        const int code = zmq_errno();
        if (code == EAGAIN || code == ETERM) {
            return false;
        }
        PENSTOCK_ASSERT(code == EINTR);
    }
    return true;
}

void receive_frames(zmq::socket_t& socket, bool more, std::size_t frames_max, Frames& frames) {
    std::size_t count = frames.size();
    while (more) {
        zmq::message_t part;
        if (!receive_part(socket, part)) {
            break;  // the context is closing
        }
        more = part.more();
        if (++count <= frames_max) {
            frames.push_back(share_received(std::move(part)));
        }
    }
    if (more || count > frames_max) {
        frames.clear();
    }
}

SharedBytes share_received(zmq::message_t part) {
    const ByteView view(static_cast<const std::byte*>(part.data()), part.size());
    if (view.size() <= receive_copied_max_bytes) {
        return SharedBytes::copy_of(view);
    }
    // Bytes of this size do not lie in the object itself, so the view outlives its move.
    auto owner = std::make_shared<zmq::message_t>(std::move(part));
    return {std::move(owner), view};
}

SendStatus send_part(zmq::socket_t& socket, zmq::message_t& part, int flags) {
    while (zmq_msg_send(part.handle(), socket.handle(), flags | ZMQ_DONTWAIT) < 0) {
        const int code = zmq_errno();
        if (code == EAGAIN) {
            return SendStatus::full;
        }
        if (code == EHOSTUNREACH || code == ETERM) {
            return SendStatus::peer_gone;
        }
        PENSTOCK_ASSERT(code == EINTR);
    }
    return SendStatus::sent;
}

// ZeroMQ checks for room at the first part only, so a later one is refused in one case: the
// connection of a dealer ended in between. ZeroMQ then has taken back the earlier parts and
// swallows the later ones, up to the last; stopping early would make it swallow the next message.
SendStatus send_frames(zmq::socket_t& socket, std::span<const SharedBytes> frames) {
    SendStatus result = SendStatus::sent;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        zmq::message_t part = part_of(frames[i]);
        const bool last = i + 1 == frames.size();
        const SendStatus status = send_part(socket, part, last ? 0 : ZMQ_SNDMORE);
        if (status != SendStatus::sent && i == 0) {
            return status;
        }
        if (status != SendStatus::sent) {
            result = status;
        }
    }
    return result;
}

}  // namespace penstock::transport
