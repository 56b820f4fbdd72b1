#include "producer/gateway/shell/jobs.hpp"

#include <utility>

namespace penstock::gateway {

Jobs::Jobs(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

Jobs::~Jobs() {
    stop();
}

void Jobs::add(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return;
        }
        waiting_.push_back(std::move(job));
    }
    more_.notify_one();
}

void Jobs::stop() {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(waiting_);
    }
    more_.notify_all();
    dropped.clear();  // outside the lock, and before what runs ends, which may be long
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void Jobs::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        more_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) {
            return;
        }
        std::function<void()> job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        job();
        job = nullptr;  // what it holds is released outside the lock, too
        lock.lock();
    }
}

}  // namespace penstock::gateway
