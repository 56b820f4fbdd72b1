// Sessions to sockets and back: which peer a session is, and what could not be sent to it yet.
//
// Thread rule: belongs to the loop's thread.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/task.hpp"
#include "common/transport/socket.hpp"

namespace penstock::broker {

class Peers {
  public:
    enum class Port : std::uint8_t { frontend, backend };

    // The session of this peer; a new one for a peer that is not known.
    [[nodiscard]] SessionId session_of(Port port, const transport::PeerKey& key);
    // Sends, or keeps what does not fit into the peer's queue for retry(). False: the peer is gone,
    // or reads so slowly that it has been given up; end its session.
    [[nodiscard]] bool send(SessionId session, transport::Frames frames,
                            transport::Router& frontend, transport::Router& backend);
    // Tries again what was kept. Returns the sessions that are gone.
    [[nodiscard]] std::vector<SessionId> retry(transport::Router& frontend,
                                               transport::Router& backend);
    [[nodiscard]] bool has_kept() const { return !slow_.empty(); }
    void forget(SessionId session);

  private:
    struct Peer {
        Port port;
        transport::PeerKey key;
    };
    // Messages kept for one slow reader, beyond those in its socket's queue.
    static constexpr std::size_t kept_max = 1'000;

    std::unordered_map<SessionId, Peer> peers_;
    std::unordered_map<std::string, SessionId> sessions_[2];  // by port, then key
    std::unordered_map<SessionId, std::deque<transport::Frames>> slow_;
    SessionId last_ = no_session;
};

}  // namespace penstock::broker
