#include "producer/client/wakeup.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace penstock::client {

Wakeup::Wakeup() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
}

Wakeup::~Wakeup() {
    ::close(descriptor_);
}

void Wakeup::signal() const noexcept {
    // Fails only when the counter is full, and then the descriptor is readable anyway.
    static_cast<void>(::eventfd_write(descriptor_, 1));
}

void Wakeup::drain() const noexcept {
    eventfd_t count = 0;
    static_cast<void>(::eventfd_read(descriptor_, &count));
}

}  // namespace penstock::client
