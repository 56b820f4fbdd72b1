#include "common/transport/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "common/model/assert.hpp"
#include "common/transport/implementations.hpp"
#include "common/transport/spin.hpp"

namespace penstock::transport {

struct Poller::Impl {
    std::vector<zmq::pollitem_t> items;
    Spin spin;

    std::size_t add(void* socket, int descriptor) {
        items.push_back({socket, descriptor, ZMQ_POLLIN, 0});
        return items.size() - 1;
    }
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
    return impl_->add(router.impl().socket.handle(), 0);
}
std::size_t Poller::watch(Dealer& dealer) {
    return impl_->add(dealer.impl().socket.handle(), 0);
}
std::size_t Poller::watch(detail::PointerReceiver& receiver) {
    return impl_->add(receiver.impl().socket.handle(), 0);
}
std::size_t Poller::watch(int descriptor) {
    PENSTOCK_ASSERT(descriptor >= 0);
    return impl_->add(nullptr, descriptor);
}
void Poller::clear() {
    impl_->items.clear();
}

void Poller::wait(std::optional<std::chrono::nanoseconds> timeout) {
    using std::chrono::milliseconds;
    PENSTOCK_ASSERT(timeout || !impl_->items.empty());
    const auto begin = std::chrono::steady_clock::now();
    if ((!timeout || *timeout >= Spin::limit) && impl_->spin.until([&] { return look(); })) {
        return;
    }
    if (timeout) {
        *timeout -= std::chrono::steady_clock::now() - begin;
    }
    // ZeroMQ counts milliseconds. Rounding up keeps a loop from spinning until its deadline.
    static_cast<void>(impl_->poll(
        timeout ? std::chrono::ceil<milliseconds>(std::max(*timeout, std::chrono::nanoseconds{0}))
                : milliseconds{-1}));
}

bool Poller::look() {
    return impl_->poll(std::chrono::milliseconds{0});
}

bool Poller::ready(std::size_t index) const {
    return (impl_->items.at(index).revents & ZMQ_POLLIN) != 0;
}

}  // namespace penstock::transport
