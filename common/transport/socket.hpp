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
// abort the process.
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

struct SocketLimits {
    std::size_t frame_max_bytes = 0;  // larger frames cut the connection
    // Messages queued per peer and direction; well above any credit, never unlimited.
    int queue_max = 10'000;
    // Frames in one message; a longer message is read to its end, dropped and counted.
    std::size_t frames_max = 4096;
};

enum class SendStatus : std::uint8_t {
    sent,       // taken over by ZeroMQ; not yet delivered
    full,       // the peer's queue is full, or (dealer) nobody is connected; nothing was sent
    peer_gone,  // router: no such peer any more
};

// How the router knows a peer: secret, valid until the peer's connection ends.
using PeerKey = std::string;

struct Incoming {
    PeerKey peer;
    Frames frames;
};

// The broker's side. ROUTER_MANDATORY, no HANDOVER.
class Router {
  public:
    Router(Context& context, const SocketLimits& limits);
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) = delete;
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    // Returns the endpoint that is really bound (the port, when 0 was asked). May be called more
    // than once. Errors: unavailable (address in use, no right, no such host).
    [[nodiscard]] Result<std::string> bind(const Endpoint& endpoint);
    // Takes the next whole message, if there is one.
    [[nodiscard]] bool receive(Incoming& message);
    [[nodiscard]] SendStatus send(const PeerKey& peer, std::span<const SharedBytes> frames);

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

// Everybody else's side. Connects in the background and reconnects by itself.
class Dealer {
  public:
    // Requires: a parsed endpoint.
    Dealer(Context& context, const Endpoint& endpoint, const SocketLimits& limits);
    ~Dealer();
    Dealer(Dealer&&) noexcept;
    Dealer& operator=(Dealer&&) noexcept;
    Dealer(const Dealer&) = delete;
    Dealer& operator=(const Dealer&) = delete;

    [[nodiscard]] bool receive(Frames& frames);
    // `full` also while not connected.
    [[nodiscard]] SendStatus send(std::span<const SharedBytes> frames);
    // Waits until what was sent has left, at most `timeout`, then closes. For the last goodbye.
    void close(std::chrono::milliseconds timeout);

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::transport
