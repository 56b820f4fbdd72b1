// Waits for sockets, hand-offs, file descriptors, or a time.
//
// Thread rule: used by the thread that owns what it waits for.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "common/transport/handoff.hpp"
#include "common/transport/socket.hpp"

namespace penstock::transport {

class Spin;

class Poller {
  public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // Each returns an index for ready(). Everything watched must outlive the poller, or the next
    // clear().
    std::size_t watch(Router& router);
    std::size_t watch(Dealer& dealer);
    template <typename T>
    std::size_t watch(HandoffReceiver<T>& receiver) {
        return watch(receiver.raw());
    }
    // Readable file descriptors: signals, pipes, timers.
    std::size_t watch(int descriptor);
    void clear();

    // Returns when something is readable, when `timeout` is over (nothing: wait for ever), or,
    // since it may look for a moment before it sleeps (spin.hpp), perhaps at a signal. Zero only
    // looks; other times are rounded up to milliseconds. Requires: something to watch, or a
    // timeout.
    void wait(std::optional<std::chrono::nanoseconds> timeout);
    // The same, but asleep from the beginning.
    void sleep(std::optional<std::chrono::nanoseconds> timeout);
    // Whether something is readable now.
    bool look();
    // The same again and again, as `spin` has it. False: nothing came, or it did not look at all.
    bool look(Spin& spin);
    // Whether the last wait() or look() found this one readable.
    [[nodiscard]] bool ready(std::size_t index) const;

  private:
    std::size_t watch(detail::PointerReceiver& receiver);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::transport
