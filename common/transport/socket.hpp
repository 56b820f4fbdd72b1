// ZeroMQ as Penstock uses it: whole messages in, whole messages out, never a blocking send, and
// every limit set on every socket. The only folder that includes zmq.hpp.
//
// Thread rule: a socket belongs to the thread that made it; a Context to the whole process.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/model/bytes.hpp"
#include "common/model/result.hpp"
#include "common/transport/endpoint.hpp"

namespace penstock::transport {

using Frames = std::vector<SharedBytes>;

// One per process, made before the first socket and outliving the last. Seeds the C generator
// from the kernel first: libzmq draws its routing ids from it, and predictable ones let a peer
// abort the process. The destructor waits until every socket is closed; meanwhile it ends the waits
// of other threads. A child process must not use what it inherited: start it with exec.
class Context {
  public:
    Context();
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

// Of the ZeroMQ that runs: "4.3.4".
[[nodiscard]] std::string library_version();

struct SocketLimits {
    std::size_t frame_max_bytes = 0;  // larger frames cut the connection
    // Messages queued per peer; well above any credit, never unlimited.
    int send_queue_max = 10'000;
    int receive_queue_max = 10'000;
    // Frames in one message; of a longer one none are delivered, for the codec to refuse.
    std::size_t frames_max = 4096;
};

enum class SendStatus : std::uint8_t {
    sent,       // taken over by ZeroMQ; not yet delivered
    full,       // the peer's queue is full, or (dealer) nobody is connected; nothing was sent.
                // ZeroMQ looks for new room at most once a millisecond, or when a poller waits.
    peer_gone,  // router: no such peer any more
};

// How the router knows a peer: secret, valid until the peer's connection ends.
using PeerKey = std::string;

struct Incoming {
    PeerKey peer;
    Frames frames;
};

// The broker's side. ROUTER_MANDATORY, no HANDOVER.
//
// Destroy it when nothing else is left to save: libzmq 4.3.4 aborts the process if a router closes
// in the very moment in which a stranger's bytes pass for a peer of ZeroMQ 2 (zmtp_engine.cpp).
class Router {
  public:
    Router(Context& context, const SocketLimits& limits);
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) = delete;
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    // Returns the endpoint that is really bound (the port, when 0 was asked). May be called more
    // than once. Listens on addresses of this machine, not on host names. An ipc path is taken
    // over from a dead process, never from a living one.
    // Errors: unavailable (address in use, no right, not an address of this machine).
    [[nodiscard]] Result<std::string> bind(const Endpoint& endpoint);
    // Takes the next whole message, if there is one; without frames if it had too many.
    [[nodiscard]] bool receive(Incoming& message);
    // All frames or none. Requires: at least one frame.
    [[nodiscard]] SendStatus send(const PeerKey& peer, std::span<const SharedBytes> frames);

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

// Everybody else's side. Connects in the background and reconnects by itself, so a message may
// arrive on another connection than the one before: sessions are the protocol's matter.
class Dealer {
  public:
    // Requires: an endpoint from parse_server_endpoint().
    Dealer(Context& context, const Endpoint& endpoint, const SocketLimits& limits);
    ~Dealer();
    Dealer(Dealer&&) noexcept;
    Dealer& operator=(Dealer&&) noexcept;
    Dealer(const Dealer&) = delete;
    Dealer& operator=(const Dealer&) = delete;

    [[nodiscard]] bool receive(Frames& frames);
    // All frames or none; `full` also while not connected. Requires: at least one frame.
    [[nodiscard]] SendStatus send(std::span<const SharedBytes> frames);
    // Closes; what was sent goes on leaving in the background, and the context's end waits for it,
    // at most `timeout`. For the last goodbye. Afterwards only assign or destroy.
    void close(std::chrono::milliseconds timeout);

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::transport
