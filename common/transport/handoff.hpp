// Hands objects from one thread to another inside a process, over an inproc PUSH/PULL pair: the
// receiver can wait for it together with sockets, and a hand-over to a thread that is awake costs
// no system call.
//
// Thread rule: one thread sends, one thread receives; each end is used by one thread only. Several
// senders may be made for one receiver.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "common/transport/socket.hpp"

namespace penstock::transport {

namespace detail {

// The untyped ends. The pointers cross libzmq, which ThreadSanitizer cannot see into; both ends
// tell it that what happened before the send happened before the receive.
class PointerSender {
  public:
    PointerSender(Context& context, const std::string& name);
    ~PointerSender();
    PointerSender(PointerSender&&) noexcept;
    PointerSender& operator=(PointerSender&&) = delete;
    // Blocks while the receiver is 100,000 objects behind. False when the context is closing.
    [[nodiscard]] bool send(void* pointer);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class PointerReceiver {
  public:
    // Binds. Requires: `name` is unique in the process and bound before its senders connect.
    PointerReceiver(Context& context, const std::string& name);
    ~PointerReceiver();
    PointerReceiver(PointerReceiver&&) noexcept;
    PointerReceiver& operator=(PointerReceiver&&) = delete;
    // False when there is none now, or the context is closing.
    [[nodiscard]] bool try_receive(void*& pointer);
    // False only when the context is closing.
    [[nodiscard]] bool wait_receive(void*& pointer);

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    [[nodiscard]] bool receive(void*& pointer, int flags);
    std::unique_ptr<Impl> impl_;
};

}  // namespace detail

template <typename T>
class HandoffSender {
  public:
    HandoffSender(Context& context, const std::string& name) : sender_(context, name) {}
    // Gives the object away. Null is received as null: the way to let a waiting thread end.
    void send(std::unique_ptr<T> object) {
        if (sender_.send(object.get())) {
            static_cast<void>(object.release());
        }
    }

  private:
    detail::PointerSender sender_;
};

template <typename T>
class HandoffReceiver {
  public:
    HandoffReceiver(Context& context, const std::string& name) : receiver_(context, name) {}
    // Destroys what was sent and never received, unless the context is closing.
    ~HandoffReceiver() {
        void* pointer = nullptr;
        while (receiver_.try_receive(pointer)) {
            const std::unique_ptr<T> unwanted(static_cast<T*>(pointer));
        }
    }
    HandoffReceiver(HandoffReceiver&&) noexcept = default;
    HandoffReceiver& operator=(HandoffReceiver&&) = delete;
    HandoffReceiver(const HandoffReceiver&) = delete;
    HandoffReceiver& operator=(const HandoffReceiver&) = delete;

    // The next object, or null if there is none now.
    [[nodiscard]] std::unique_ptr<T> receive() {
        void* pointer = nullptr;
        return std::unique_ptr<T>(receiver_.try_receive(pointer) ? static_cast<T*>(pointer)
                                                                 : nullptr);
    }
    // Waits for the next object; null when null was sent, or the context is closing.
    [[nodiscard]] std::unique_ptr<T> wait() {
        void* pointer = nullptr;
        return std::unique_ptr<T>(receiver_.wait_receive(pointer) ? static_cast<T*>(pointer)
                                                                  : nullptr);
    }

    [[nodiscard]] detail::PointerReceiver& raw() { return receiver_; }

  private:
    detail::PointerReceiver receiver_;
};

}  // namespace penstock::transport
