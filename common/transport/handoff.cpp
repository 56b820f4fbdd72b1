#include "common/transport/handoff.hpp"

#include <cerrno>
#include <cstring>

#include "common/model/assert.hpp"
#include "common/transport/implementations.hpp"
#include "common/transport/thread_marks.hpp"

namespace penstock::transport::detail {
namespace {

// Objects that may wait for a receiver, far above what the credit of the protocol lets in. An
// inproc pair holds the sum of both ends' marks.
constexpr int queue_max = 100'000;
constexpr int queue_max_of_one_end = queue_max / 2;

std::string address_of(const std::string& name) {
    return "inproc://" + name;
}

}  // namespace

struct PointerSender::Impl {
    zmq::socket_t socket;
};

PointerSender::PointerSender(Context& context, const std::string& name)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::push)}) {
    impl_->socket.set(zmq::sockopt::linger, 0);
    impl_->socket.set(zmq::sockopt::sndhwm, queue_max_of_one_end);
    impl_->socket.connect(address_of(name));
}
PointerSender::~PointerSender() = default;
PointerSender::PointerSender(PointerSender&&) noexcept = default;

bool PointerSender::send(void* pointer) {
    if (pointer != nullptr) {
        mark_released(pointer);
    }
    while (zmq_send(impl_->socket.handle(), &pointer, sizeof pointer, 0) < 0) {
        const int code = zmq_errno();
        if (code == ETERM) {
            return false;
        }
        PENSTOCK_ASSERT(code == EINTR);
    }
    return true;
}

PointerReceiver::PointerReceiver(Context& context, const std::string& name)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::pull)}) {
    impl_->socket.set(zmq::sockopt::linger, 0);
    impl_->socket.set(zmq::sockopt::rcvhwm, queue_max_of_one_end);
    impl_->socket.bind(address_of(name));
}
PointerReceiver::~PointerReceiver() = default;
PointerReceiver::PointerReceiver(PointerReceiver&&) noexcept = default;

bool PointerReceiver::try_receive(void*& pointer) {
    return receive(pointer, ZMQ_DONTWAIT);
}

bool PointerReceiver::wait_receive(void*& pointer) {
    return (impl_ && impl_->spin.until([&] { return try_receive(pointer); })) ||
           receive(pointer, 0);
}

bool PointerReceiver::receive(void*& pointer, int flags) {
    if (!impl_) {
        return false;  // moved from
    }
    while (zmq_recv(impl_->socket.handle(), &pointer, sizeof pointer, flags) < 0) {
        const int code = zmq_errno();
        if (code == EAGAIN || code == ETERM) {
            return false;
        }
        PENSTOCK_ASSERT(code == EINTR);
    }
    if (pointer != nullptr) {
        mark_acquired(pointer);
    }
    return true;
}

}  // namespace penstock::transport::detail
