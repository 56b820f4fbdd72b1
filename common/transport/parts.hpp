// Single parts of ZeroMQ messages in and out, without waiting. Private to this folder.
//
// A signal is a reason to try again, never to stop: EINTR does not leave these functions. Any other
// error than those named means that the context is closing or that our use of ZeroMQ is wrong.
#pragma once

#include <cstddef>
#include <span>
#include <zmq.hpp>

#include "common/model/bytes.hpp"
#include "common/transport/socket.hpp"

namespace penstock::transport {

// Takes the next part; false when none waits.
[[nodiscard]] bool receive_part(zmq::socket_t& socket, zmq::message_t& part);
// Appends the parts that follow one that was taken, if there are `more`. They are all there:
// ZeroMQ delivers messages whole. More than `frames_max` are read to the end, so that the next
// message begins with its first part, but `frames` is empty then.
void receive_frames(zmq::socket_t& socket, bool more, std::size_t frames_max, Frames& frames);
// The bytes of a received part; large ones stay in ZeroMQ's memory.
[[nodiscard]] SharedBytes share_received(zmq::message_t part);

// Sends one part with `flags`; what is left of the part is empty afterwards.
[[nodiscard]] SendStatus send_part(zmq::socket_t& socket, zmq::message_t& part, int flags);
// Sends all frames as one message, or none.
[[nodiscard]] SendStatus send_frames(zmq::socket_t& socket, std::span<const SharedBytes> frames);

}  // namespace penstock::transport
