// Sessions to sockets and back: which peer a session is, and what could not be sent to it yet.
//
// Thread rule: belongs to the loop's thread.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/task.hpp"
#include "common/model/time.hpp"
#include "common/transport/socket.hpp"

namespace penstock::broker {

class Peers {
  public:
    enum class Port : std::uint8_t { frontend, backend };

    // The session of this peer; a new one for a peer that is not known.
    [[nodiscard]] SessionId session_of(Port port, const transport::PeerKey& key);
    // Sends, or keeps what does not fit into the peer's queue for retry(). False: the peer is gone,
    // or reads so slowly that it has been given up; end its session.
    [[nodiscard]] bool send(SessionId session, transport::Frames frames, TimePoint now,
                            transport::Router& frontend, transport::Router& backend);
    // Tries again what was kept. Returns the sessions that are gone, or have taken nothing for
    // `patience`.
    [[nodiscard]] std::vector<SessionId> retry(TimePoint now, Duration patience,
                                               transport::Router& frontend,
                                               transport::Router& backend);
    [[nodiscard]] bool has_kept() const { return !slow_.empty(); }
    void forget(SessionId session);

  private:
    // False: that is too much for one peer.
    [[nodiscard]] bool keep(SessionId session, transport::Frames frames, TimePoint now);

    struct Peer {
        Port port;
        transport::PeerKey key;
    };
    // Kept for one slow reader, beyond what is in its socket's queue: as much as the largest
    // message, so that any one is kept.
    static constexpr std::size_t kept_bytes_max = std::size_t{64} << 20U;
    // The same for all of them together.
    static constexpr std::size_t all_kept_bytes_max = std::size_t{1} << 30U;
    struct Kept {
        std::deque<transport::Frames> messages;
        std::size_t bytes = 0;
        TimePoint moved_at;  // when it last took something
    };
    std::unordered_map<SessionId, Kept>::iterator drop(
        std::unordered_map<SessionId, Kept>::iterator entry);

    std::unordered_map<SessionId, Peer> peers_;
    std::unordered_map<std::string, SessionId> sessions_[2];  // by port, then key
    std::unordered_map<SessionId, Kept> slow_;
    std::size_t kept_bytes_ = 0;  // of all
    SessionId last_ = no_session;
};

}  // namespace penstock::broker
