// The socket to the broker with what could not be sent yet, in order: ZeroMQ takes nothing while
// it is not connected.
//
// Thread rule: used by the thread that made it.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "common/protocol/codec.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"

namespace penstock::worker {

class BrokerLine {
  public:
    BrokerLine(transport::Context& context, const transport::Endpoint& broker)
        : context_(context), broker_(broker) {}

    // A new socket; the old one and what waits in it are gone.
    void connect();
    void disconnect();
    // Sends, or keeps it for flush().
    void send(const protocol::Message& message);
    void flush();
    // True: call flush() again soon, nothing will say when.
    [[nodiscard]] bool behind() const { return !unsent_.empty(); }
    // The next message, nothing if there is none. What cannot be understood is logged and skipped.
    [[nodiscard]] std::optional<protocol::Message> receive();
    // Has the poller wait for messages, if there is a socket.
    void watch(transport::Poller& poller);
    // For the last goodbye: lets what was sent leave, at most so long.
    void close(std::chrono::milliseconds timeout);

  private:
    transport::Context& context_;
    transport::Endpoint broker_;
    protocol::Limits limits_;
    std::optional<transport::Dealer> socket_;
    std::deque<protocol::Frames> unsent_;
};

}  // namespace penstock::worker
