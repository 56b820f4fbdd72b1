#include "common/transport/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <utility>
#include <vector>

#include "common/model/assert.hpp"
#include "common/transport/implementations.hpp"
#include "common/transport/spin.hpp"

namespace penstock::transport {

struct Poller::Impl {
    std::vector<zmq::pollitem_t> items;
    std::vector<pollfd> wakes;  // of each the descriptor that tells of news
    Spin spin;

    std::size_t add(zmq::socket_ref socket) {
        wakes.push_back({socket.get(zmq::sockopt::fd), POLLIN, 0});
        items.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
        return items.size() - 1;
    }
    std::size_t add(int descriptor) {
        wakes.push_back({descriptor, POLLIN, 0});
        items.push_back({nullptr, descriptor, ZMQ_POLLIN, 0});
        return items.size() - 1;
    }
    // Whether something may have become readable since a poll() found nothing, if no socket has
    // been used since. One system call, where a poll() takes two more for each socket: a socket's
    // own descriptor tells only that ZeroMQ has something to do for it (zmq_getsockopt(3), ZMQ_FD).
    [[nodiscard]] bool stirs() { return ::poll(wakes.data(), wakes.size(), 0) != 0; }
    // Whether something is readable.
    [[nodiscard]] bool poll(std::chrono::milliseconds timeout) {
        for (zmq::pollitem_t& item : items) {
            item.revents = 0;
        }
        try {
            return zmq::poll(items, timeout) > 0;
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR) {
                throw;
            }
            return false;
        }
    }
};

Poller::Poller() : impl_(std::make_unique<Impl>()) {}
Poller::~Poller() = default;

std::size_t Poller::watch(Router& router) {
    return impl_->add(router.impl().socket);
}
std::size_t Poller::watch(Dealer& dealer) {
    return impl_->add(dealer.impl().socket);
}
std::size_t Poller::watch(detail::PointerReceiver& receiver) {
    return impl_->add(receiver.impl().socket);
}
std::size_t Poller::watch(int descriptor) {
    PENSTOCK_ASSERT(descriptor >= 0);
    return impl_->add(descriptor);
}
void Poller::clear() {
    impl_->items.clear();
    impl_->wakes.clear();
}

void Poller::wait(std::optional<std::chrono::nanoseconds> timeout) {
    const auto begin = std::chrono::steady_clock::now();
    if ((!timeout || *timeout >= Spin::limit) && look(impl_->spin)) {
        return;
    }
    if (timeout) {
        *timeout -= std::chrono::steady_clock::now() - begin;
    }
    sleep(timeout);
}

void Poller::sleep(std::optional<std::chrono::nanoseconds> timeout) {
    using std::chrono::milliseconds;
    PENSTOCK_ASSERT(timeout || !impl_->items.empty());
    // ZeroMQ counts milliseconds. Rounding up keeps a loop from spinning until its deadline.
    static_cast<void>(impl_->poll(
        timeout ? std::chrono::ceil<milliseconds>(std::max(*timeout, std::chrono::nanoseconds{0}))
                : milliseconds{-1}));
}

bool Poller::look() {
    return impl_->poll(std::chrono::milliseconds{0});
}

bool Poller::look(Spin& spin) {
    bool again = false;
    return spin.until(
        [&] { return std::exchange(again, true) ? impl_->stirs() && look() : look(); });
}

bool Poller::ready(std::size_t index) const {
    return (impl_->items.at(index).revents & ZMQ_POLLIN) != 0;
}

}  // namespace penstock::transport
