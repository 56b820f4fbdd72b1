// A broker that says what the test wants it to say.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/protocol/codec.hpp"
#include "common/transport/poller.hpp"
#include "common/transport/socket.hpp"

namespace penstock::client {

class ScriptedBroker {
  public:
    // Listens on a socket in a fresh folder.
    ScriptedBroker();
    ~ScriptedBroker();
    ScriptedBroker(const ScriptedBroker&) = delete;
    ScriptedBroker& operator=(const ScriptedBroker&) = delete;

    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

    // Goes away, and comes back as a broker that knows nobody.
    void stop();
    void start();

    // The next message of kind M. Heartbeats and peers that have not said HELLO are answered as
    // a broker does; other kinds fail the test, as does silence for 10 s. Remembers the sender.
    template <typename M>
    M expect() {
        protocol::Message message = next();
        auto* const wanted = std::get_if<M>(&message);
        if (wanted == nullptr) {
            fail_unexpected(message);
        }
        return std::move(*wanted);
    }
    // Answers the sender of the last message.
    void reply(const protocol::Message& message);

    // HELLO and WELCOME.
    void greet(std::uint64_t epoch = 1);
    // SUBMIT and RECEIPT.
    protocol::Submit accept();
    // RESULT with this value for every task of a SUBMIT.
    void complete(const protocol::Submit& submit);

  private:
    [[nodiscard]] protocol::Message next();
    [[noreturn]] static void fail_unexpected(const protocol::Message& message);

    std::string folder_;
    std::string endpoint_;
    transport::Context context_;
    std::optional<transport::Router> router_;
    transport::PeerKey peer_;
    std::set<transport::PeerKey> sessions_;
};

}  // namespace penstock::client
