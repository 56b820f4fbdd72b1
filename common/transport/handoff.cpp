#include "common/transport/handoff.hpp"

#include <cerrno>
#include <cstring>

#include "common/transport/thread_marks.hpp"
#include "common/transport/zmq_parts.hpp"

namespace penstock::transport::detail {
namespace {

// Objects that may wait for a receiver; the credit of the protocol keeps it far below.
constexpr int queue_max = 100'000;

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
    impl_->socket.set(zmq::sockopt::sndhwm, queue_max);
    impl_->socket.connect(address_of(name));
}
PointerSender::~PointerSender() = default;
PointerSender::PointerSender(PointerSender&&) noexcept = default;

bool PointerSender::send(void* pointer) {
    mark_released(pointer);
    while (true) {
        try {
            return impl_->socket.send(zmq::buffer(&pointer, sizeof pointer)).has_value();
        } catch (const zmq::error_t& error) {
            if (error.num() == ETERM) {
                return false;
            }
            if (error.num() != EINTR) {
                throw;
            }
        }
    }
}

PointerReceiver::PointerReceiver(Context& context, const std::string& name)
    : impl_(new Impl{zmq::socket_t(context.impl().context, zmq::socket_type::pull)}) {
    impl_->socket.set(zmq::sockopt::linger, 0);
    impl_->socket.set(zmq::sockopt::rcvhwm, queue_max);
    impl_->socket.bind(address_of(name));
}
PointerReceiver::~PointerReceiver() = default;
PointerReceiver::PointerReceiver(PointerReceiver&&) noexcept = default;

void* PointerReceiver::receive(bool wait) {
    const auto flags = wait ? zmq::recv_flags::none : zmq::recv_flags::dontwait;
    void* pointer = nullptr;
    while (true) {
        try {
            const auto received = impl_->socket.recv(zmq::buffer(&pointer, sizeof pointer), flags);
            if (!received) {
                return nullptr;
            }
            mark_acquired(pointer);
            return pointer;
        } catch (const zmq::error_t& error) {
            if (error.num() == ETERM) {
                return nullptr;
            }
            if (error.num() != EINTR) {
                throw;
            }
        }
    }
}

}  // namespace penstock::transport::detail
