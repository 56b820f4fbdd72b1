#include "broker/shell/peers.hpp"

#include <utility>

namespace penstock::broker {
namespace {

transport::Router& socket_of(Peers::Port port, transport::Router& frontend,
                             transport::Router& backend) {
    return port == Peers::Port::frontend ? frontend : backend;
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

bool Peers::send(SessionId session, transport::Frames frames, transport::Router& frontend,
                 transport::Router& backend) {
    const auto peer = peers_.find(session);
    if (peer == peers_.end()) {
        return false;
    }
    const auto slow = slow_.find(session);
    if (slow != slow_.end()) {
        slow->second.push_back(std::move(frames));
        return slow->second.size() <= kept_max;
    }
    switch (socket_of(peer->second.port, frontend, backend).send(peer->second.key, frames)) {
        case transport::SendStatus::sent: return true;
        case transport::SendStatus::peer_gone: return false;
        case transport::SendStatus::full: slow_[session].push_back(std::move(frames)); return true;
    }
    return false;
}

std::vector<SessionId> Peers::retry(transport::Router& frontend, transport::Router& backend) {
    std::vector<SessionId> gone;
    for (auto entry = slow_.begin(); entry != slow_.end();) {
        const Peer& peer = peers_.at(entry->first);
        transport::Router& socket = socket_of(peer.port, frontend, backend);
        auto& kept = entry->second;
        transport::SendStatus status = transport::SendStatus::sent;
        while (!kept.empty() && status == transport::SendStatus::sent) {
            status = socket.send(peer.key, kept.front());
            if (status == transport::SendStatus::sent) {
                kept.pop_front();
            }
        }
        if (status == transport::SendStatus::peer_gone) {
            gone.push_back(entry->first);
        }
        entry = kept.empty() ? slow_.erase(entry) : std::next(entry);
    }
    return gone;
}

void Peers::forget(SessionId session) {
    const auto peer = peers_.find(session);
    if (peer == peers_.end()) {
        return;
    }
    sessions_[static_cast<std::size_t>(peer->second.port)].erase(peer->second.key);
    slow_.erase(session);
    peers_.erase(peer);
}

}  // namespace penstock::broker
