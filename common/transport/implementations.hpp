// The sockets inside the classes of this folder, which only its sources see.
#pragma once

#include <zmq.hpp>

#include "common/transport/handoff.hpp"
#include "common/transport/socket.hpp"
#include "common/transport/spin.hpp"

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
    Spin spin{};  // of who waits for it alone
};

}  // namespace penstock::transport
