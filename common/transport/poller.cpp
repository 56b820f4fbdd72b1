#include "common/transport/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "common/model/assert.hpp"
#include "common/transport/implementations.hpp"

namespace penstock::transport {

struct Poller::Impl {
    std::vector<zmq::pollitem_t> items;

    std::size_t add(void* socket, int descriptor) {
        items.push_back({socket, descriptor, ZMQ_POLLIN, 0});
        return items.size() - 1;
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
    // ZeroMQ counts milliseconds. Rounding up keeps a loop from spinning until its deadline.
    const milliseconds rounded =
        timeout ? std::chrono::ceil<milliseconds>(std::max(*timeout, std::chrono::nanoseconds{0}))
                : milliseconds{-1};
    for (zmq::pollitem_t& item : impl_->items) {
        item.revents = 0;
    }
    try {
        static_cast<void>(zmq::poll(impl_->items, rounded));
    } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) {
            throw;
        }
    }
}

bool Poller::ready(std::size_t index) const {
    return (impl_->items.at(index).revents & ZMQ_POLLIN) != 0;
}

}  // namespace penstock::transport
