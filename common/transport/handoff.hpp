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
    // Blocks when the receiver is 100,000 objects behind. False when the context is closing.
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
    // The next pointer or null. With `wait`, null only when the context is closing.
    [[nodiscard]] void* receive(bool wait);

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace detail

template <typename T>
class HandoffSender {
  public:
    HandoffSender(Context& context, const std::string& name) : sender_(context, name) {}
    // Gives the object away.
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
    // Destroys what was sent and never received.
    ~HandoffReceiver() {
        while (receive()) {
        }
    }
    HandoffReceiver(HandoffReceiver&&) noexcept = default;
    HandoffReceiver& operator=(HandoffReceiver&&) = delete;
    HandoffReceiver(const HandoffReceiver&) = delete;
    HandoffReceiver& operator=(const HandoffReceiver&) = delete;

    // The next object, or null if there is none now.
    [[nodiscard]] std::unique_ptr<T> receive() { return take(false); }
    // Waits for the next object; null only when the context is closing.
    [[nodiscard]] std::unique_ptr<T> wait() { return take(true); }

    [[nodiscard]] detail::PointerReceiver& raw() { return receiver_; }

  private:
    std::unique_ptr<T> take(bool wait) {
        return std::unique_ptr<T>(static_cast<T*>(receiver_.receive(wait)));
    }
    detail::PointerReceiver receiver_;
};

}  // namespace penstock::transport
