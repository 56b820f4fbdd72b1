#include "broker/shell/peers.hpp"

#include <utility>

namespace penstock::broker {
namespace {

transport::Router& socket_of(Peers::Port port, transport::Router& frontend,
                             transport::Router& backend) {
    return port == Peers::Port::frontend ? frontend : backend;
}

// What a kept message takes, also one of a few bytes.
std::size_t bytes_of(const transport::Frames& frames) {
    constexpr std::size_t per_message = 256;
    constexpr std::size_t per_frame = 128;
    std::size_t bytes = per_message;
    for (const SharedBytes& frame : frames) {
        bytes += per_frame + frame.size();
    }
    return bytes;
}

}  // namespace

SessionId Peers::session_of(Port port, const transport::PeerKey& key) {
    const auto [entry, is_new] =
        sessions_[static_cast<std::size_t>(port)].try_emplace(key, last_ + 1);
    if (is_new) {
        ++last_;
        peers_.emplace(last_, Peer{port, key});
    }
    return entry->second;
}

bool Peers::send(SessionId session, transport::Frames frames, TimePoint now,
                 transport::Router& frontend, transport::Router& backend) {
    const auto peer = peers_.find(session);
    if (peer == peers_.end()) {
        return false;
    }
    if (slow_.contains(session)) {
        return keep(session, std::move(frames), now);
    }
    switch (socket_of(peer->second.port, frontend, backend).send(peer->second.key, frames)) {
        case transport::SendStatus::sent: return true;
        case transport::SendStatus::peer_gone: return false;
        case transport::SendStatus::full: return keep(session, std::move(frames), now);
    }
    return false;
}

bool Peers::keep(SessionId session, transport::Frames frames, TimePoint now) {
    Kept& kept = slow_.try_emplace(session, Kept{{}, 0, now}).first->second;
    const std::size_t bytes = bytes_of(frames);
    kept.bytes += bytes;
    kept_bytes_ += bytes;
    kept.messages.push_back(std::move(frames));
    return kept.bytes <= kept_bytes_max && kept_bytes_ <= all_kept_bytes_max;
}

std::unordered_map<SessionId, Peers::Kept>::iterator Peers::drop(
    std::unordered_map<SessionId, Kept>::iterator entry) {
    kept_bytes_ -= entry->second.bytes;
    return slow_.erase(entry);
}

std::vector<SessionId> Peers::retry(TimePoint now, Duration patience, transport::Router& frontend,
                                    transport::Router& backend) {
    std::vector<SessionId> gone;
    for (auto entry = slow_.begin(); entry != slow_.end();) {
        const Peer& peer = peers_.at(entry->first);
        transport::Router& socket = socket_of(peer.port, frontend, backend);
        Kept& kept = entry->second;
        transport::SendStatus status = transport::SendStatus::sent;
        while (!kept.messages.empty() && status == transport::SendStatus::sent) {
            status = socket.send(peer.key, kept.messages.front());
            if (status == transport::SendStatus::sent) {
                const std::size_t bytes = bytes_of(kept.messages.front());
                kept.bytes -= bytes;
                kept_bytes_ -= bytes;
                kept.moved_at = now;
                kept.messages.pop_front();
            }
        }
        const bool lost =
            status == transport::SendStatus::peer_gone || now - kept.moved_at >= patience;
        if (lost) {
            gone.push_back(entry->first);
        }
        entry = lost || kept.messages.empty() ? drop(entry) : std::next(entry);
    }
    return gone;
}

void Peers::forget(SessionId session) {
    const auto peer = peers_.find(session);
    if (peer == peers_.end()) {
        return;
    }
    sessions_[static_cast<std::size_t>(peer->second.port)].erase(peer->second.key);
    if (const auto kept = slow_.find(session); kept != slow_.end()) {
        drop(kept);
    }
    peers_.erase(peer);
}

}  // namespace penstock::broker
