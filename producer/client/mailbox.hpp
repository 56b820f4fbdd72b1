// Carries values from any thread to one that waits for a file descriptor.
//
// Thread rule: any thread pushes, one takes. A mutex, because the senders are the application's
// threads: many, unknown and short-lived, so that a socket for each would not pay.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "producer/client/wakeup.hpp"

namespace penstock::client {

template <typename T>
class Mailbox {
  public:
    void push(T value) {
        bool was_empty = false;
        {
            const std::lock_guard lock(mutex_);
            was_empty = values_.empty();
            values_.push_back(std::move(value));
        }
        if (was_empty) {
            wakeup_.signal();
        }
    }

    // The same by the one who takes, and looks whether it is empty before it waits: nobody has to
    // be woken.
    void put(T value) {
        const std::lock_guard lock(mutex_);
        values_.push_back(std::move(value));
    }
    [[nodiscard]] bool empty() const {
        const std::lock_guard lock(mutex_);
        return values_.empty();
    }

    // Readable when there may be something to take.
    [[nodiscard]] int descriptor() const { return wakeup_.descriptor(); }
    // Makes the descriptor readable without a value.
    void wake() const { wakeup_.signal(); }

    // Replaces `values` by everything that waits, in order.
    void take(std::vector<T>& values) {
        // Emptied first: whoever pushes after the swap wakes us again.
        wakeup_.drain();
        values.clear();
        const std::lock_guard lock(mutex_);
        values.swap(values_);
    }

  private:
    Wakeup wakeup_;
    mutable std::mutex mutex_;
    std::vector<T> values_;
};

}  // namespace penstock::client
