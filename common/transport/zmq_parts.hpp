// What the sources of this folder share about ZeroMQ. Private to the folder.
#pragma once

#include <zmq.hpp>

#include "common/transport/handoff.hpp"
#include "common/transport/socket.hpp"

namespace penstock::transport {

struct Context::Impl {
    zmq::context_t context;
};
struct Router::Impl {
    zmq::socket_t socket;
    std::size_t frames_max = 0;
};
struct Dealer::Impl {
    zmq::socket_t socket;
    std::size_t frames_max = 0;
};
struct detail::PointerReceiver::Impl {
    zmq::socket_t socket;
};

}  // namespace penstock::transport
