// How many tasks may be on their way at once.
//
// Thread rule: the producer's thread takes, the client's socket thread gives back; the mutex is
// there because the one waits for the other.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "common/model/time.hpp"

namespace penstock::bench {

class Window {
  public:
    explicit Window(std::size_t size) : size_(size), free_(size) {}

    // Waits until at least `least` places are free and takes up to `most`; 0 if they are not by
    // `deadline`.
    [[nodiscard]] std::size_t take(std::size_t least, std::size_t most, TimePoint deadline) {
        std::unique_lock lock(mutex_);
        wanted_ = least;
        if (!enough_.wait_until(lock, deadline, [&] { return free_ >= least; })) {
            return 0;
        }
        const std::size_t taken = std::min(free_, most);
        free_ -= taken;
        return taken;
    }
    // Waits until nothing is on its way. False if something still is at `deadline`.
    [[nodiscard]] bool drain(TimePoint deadline) { return take(size_, size_, deadline) == size_; }

    void give_back() {
        const std::lock_guard lock(mutex_);
        if (++free_ == wanted_) {
            enough_.notify_one();
        }
    }

  private:
    const std::size_t size_;
    std::mutex mutex_;
    std::condition_variable enough_;
    std::size_t free_;
    std::size_t wanted_ = 0;
};

}  // namespace penstock::bench
