#include "producer/gateway/shell/turnstile.hpp"

#include <utility>

namespace penstock::gateway {

Turnstile::Ticket Turnstile::enter(std::function<void()> go) {
    Ticket ticket = 0;
    {
        const std::lock_guard lock(mutex_);
        ticket = next_++;
        if (free_ == 0) {
            waiting_.emplace(ticket, std::move(go));
            return ticket;
        }
        --free_;
    }
    go();
    return ticket;
}

void Turnstile::leave() {
    std::function<void()> go;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) {
            ++free_;
            return;
        }
        go = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
    }
    go();
}

bool Turnstile::give_up(Ticket ticket) {
    std::function<void()> dropped;
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) {
        return false;
    }
    dropped = std::move(found->second);
    waiting_.erase(found);
    return true;
}

}  // namespace penstock::gateway
