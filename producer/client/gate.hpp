// Holds application threads back while the broker has not confirmed what they handed over.
//
// Thread rule: any thread. A mutex, because blocking the caller is the purpose.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace penstock::client {

class Gate {
  public:
    Gate(std::size_t tasks_max, std::size_t bytes_max)
        : tasks_max_(tasks_max), bytes_max_(bytes_max) {}

    // Waits until what is inside is below both bounds (the last one in may pass them), or for
    // close().
    void enter(std::size_t tasks, std::size_t bytes) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return closed_ || has_room(); });
        tasks_ += tasks;
        bytes_ += bytes;
    }
    // For callbacks, which must not block the thread that makes room.
    void enter_at_once(std::size_t tasks, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        tasks_ += tasks;
        bytes_ += bytes;
    }
    void leave(std::size_t tasks, std::size_t bytes) {
        {
            const std::lock_guard lock(mutex_);
            tasks_ -= tasks;
            bytes_ -= bytes;
        }
        room_.notify_all();
    }
    // Nobody waits any more.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        room_.notify_all();
    }

    // Whether enter() would wait.
    [[nodiscard]] bool is_full() const {
        const std::lock_guard lock(mutex_);
        return !has_room();
    }

  private:
    [[nodiscard]] bool has_room() const { return tasks_ < tasks_max_ && bytes_ < bytes_max_; }

    const std::size_t tasks_max_;
    const std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::size_t tasks_ = 0;
    std::size_t bytes_ = 0;
    bool closed_ = false;
};

}  // namespace penstock::client
