// The socket to the broker with what could not be sent yet, in order: ZeroMQ takes nothing while
// it is not connected.
//
// Thread rule: used by the thread that made it.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "common/protocol/codec.hpp"
#include "common/shm/session_memory.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"

namespace penstock::worker {

class BrokerLine {
  public:
    // With `memory`, which outlives the line, large bodies travel through it where they can.
    BrokerLine(transport::Context& context, const transport::Endpoint& broker,
               shm::SessionMemory* memory = nullptr)
        : context_(context), broker_(broker), memory_(memory) {}

    // A new socket; the old one and what waits in it are gone.
    void connect();
    void disconnect();
    // Sends, or keeps it for flush().
    void send(protocol::Message message);
    void flush();
    // True: call flush() again soon, nothing will say when.
    [[nodiscard]] bool behind() const { return !unsent_.empty(); }
    // The next message, nothing if there is none. What cannot be understood is logged and skipped.
    [[nodiscard]] std::optional<protocol::Message> receive(TimePoint now);
    // Of work that the last messages brought, that could not be read, and that is missing in them:
    // somebody else must do it, or it must come once more.
    [[nodiscard]] std::vector<Lease> take_unread() { return std::exchange(unread_, {}); }
    // Has the poller wait for messages, if there is a socket.
    void watch(transport::Poller& poller);
    // For the last goodbye: lets what was sent leave, at most so long.
    void close(std::chrono::milliseconds timeout);

  private:
    // What the line itself is told. False: nobody else needs it.
    [[nodiscard]] bool take_memory(protocol::Message& message, TimePoint now);
    void set_aside_unread(protocol::Dispatch& dispatch);

    transport::Context& context_;
    transport::Endpoint broker_;
    protocol::Limits limits_;
    std::optional<transport::Dealer> socket_;
    std::deque<protocol::Frames> unsent_;
    shm::SessionMemory* memory_;
    std::vector<Lease> unread_;
};

}  // namespace penstock::worker
